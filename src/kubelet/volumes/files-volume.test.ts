import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { type TestContext, test } from 'node:test';
import type { Volume } from '#api/generated/types.gen.ts';
import type { NodePod } from '../pod/pod.ts';
import { writeFiles } from './files-volume.ts';
import type { VolumeContext } from './volume.ts';

function setUp(t: TestContext) {
  const dir = mkdtempSync(`${tmpdir()}/kybern-files-`);
  t.after(() => rmSync(dir, { recursive: true }));
  const pod = { metadata: { name: 'p', uid: 'u' }, spec: { containers: [] } } as unknown as NodePod;
  const context = { pod, volumesDir: `${dir}/disk`, memoryVolumesDir: `${dir}/memory` };
  return { dir, context: context as unknown as VolumeContext };
}

const volume: Volume = { name: 'v' };
const files = new Map([['key', { content: Buffer.from('secret'), mode: 0o400 }]]);

for (const [inMemory, place] of [
  [true, 'memory'],
  [false, 'disk'],
] as const)
  test(`a volume – in memory: ${inMemory} – lies there and nowhere else`, async (t) => {
    const { dir, context } = setUp(t);
    const path = await writeFiles(context, 'secret', volume, files, inMemory);
    assert.equal(path, `${dir}/${place}/kubernetes.io~secret/v`);
    assert.equal(readFileSync(`${path}/key`, 'utf8'), 'secret');
    assert.deepEqual(readdirSync(dir), [place]);
  });

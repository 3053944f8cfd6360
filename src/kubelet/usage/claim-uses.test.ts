import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { storedPod } from '#testing/objects.ts';
import { claimUses } from './claim-uses.ts';

const volumes = [
  { name: 'data', persistentVolumeClaim: { claimName: 'c' } },
  { name: 'own', ephemeral: {} },
  { name: 'later', persistentVolumeClaim: { claimName: 'not-mounted' } },
  { name: 'gone', persistentVolumeClaim: { claimName: 'gone' } },
  { name: 'scratch', emptyDir: {} },
];
const pod = storedPod('web', { spec: { volumes } });

test('the claims of a pod – in folders and on file systems of their own – are measured, those without an answer left out', async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'claims-'));
  t.after(() => rm(dataDir, { recursive: true }));
  await writeFile(join(dataDir, 'file'), Buffer.alloc(8192));
  const paths: Record<string, string> = {
    data: dataDir,
    own: '/proc',
    gone: '/no/such/path',
    scratch: dataDir,
  };
  const found = await claimUses({ volumePath: (_, name) => paths[name] }, dataDir, pod);
  assert.deepEqual(
    found.map(({ volume, claim }) => [volume, claim]),
    [
      ['data', 'c'],
      ['own', 'web-own'],
    ],
  );
  const [data, own] = found;
  assert.ok((data?.use?.bytes ?? 0) >= 8192 && data?.use?.inodes === 2);
  assert.deepEqual([own?.use, own?.room.bytes.capacity], [undefined, 0]);
});

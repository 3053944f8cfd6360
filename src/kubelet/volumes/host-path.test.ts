/** hostPath: each type against what the machine has at the path, and what is made when it is missing. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { KubeletRoot } from '../paths/kubelet-root.ts';
import { hostPathVolume } from './host-path.ts';
import type { VolumeContext } from './volume.ts';

let home: string;
let root: KubeletRoot;
const server = createServer();

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'host-path-'));
  root = new KubeletRoot(join(home, 'kubelet'));
  await mkdir(join(home, 'dir'));
  await writeFile(join(home, 'file'), 'kept');
  server.listen(join(home, 'socket'));
  await once(server, 'listening');
});

after(async () => {
  server.close();
  await rm(home, { recursive: true });
});

/** The path inside the test's directory, or the message of FailedMount with `PATH` for the volume's path. */
async function setUp(name: string, type: string | undefined): Promise<string> {
  const path = name.startsWith('/') ? name : join(home, name);
  const volume = { name: 'v', hostPath: { path, ...(type === undefined ? {} : { type }) } };
  try {
    const found = await hostPathVolume.setUp({ root } as VolumeContext, volume);
    return found === path ? 'ok' : found;
  } catch (error) {
    return (error as Error).message.replace(path, 'PATH');
  }
}

const isNot = (what: string) => `hostPath type check failed: PATH is not ${what}`;
const cases: [string | undefined, string, string][] = [
  [undefined, 'dir', 'ok'],
  ['', 'file', 'ok'],
  ['Directory', 'dir', 'ok'],
  ['Directory', 'file', isNot('a directory')],
  ['Directory', 'missing', isNot('a directory')],
  ['DirectoryOrCreate', 'dir', 'ok'],
  ['DirectoryOrCreate', 'file', isNot('a directory')],
  ['File', 'file', 'ok'],
  ['File', 'dir', isNot('a file')],
  ['File', 'missing', isNot('a file')],
  ['FileOrCreate', 'file', 'ok'],
  ['FileOrCreate', 'dir', isNot('a file')],
  ['Socket', 'socket', 'ok'],
  ['Socket', 'file', isNot('a socket file')],
  ['CharDevice', '/dev/null', 'ok'],
  ['CharDevice', 'file', isNot('a character device')],
  ['BlockDevice', 'file', isNot('a block device')],
  ['BlockDevice', 'missing', isNot('a block device')],
  ['Fifo', 'file', 'Fifo is an invalid volume type'],
];

for (const [type, name, expected] of cases) {
  test(`setUp – type ${type ?? 'unset'} – at ${name}`, async () => {
    assert.equal(await setUp(name, type), expected);
  });
}

for (const [type, mode] of [
  [undefined, 0o40755],
  ['DirectoryOrCreate', 0o40755],
  ['FileOrCreate', 0o100644],
] as const) {
  test(`setUp – type ${type ?? 'unset'} – makes what is missing`, async () => {
    const name = `made-${type}`;
    assert.equal(await setUp(name, type), 'ok');
    assert.equal((await stat(join(home, name))).mode, mode);
  });
}

test('tearDown – removes nothing of the machine – and finds nothing to remove', async () => {
  const path = join(home, 'file');
  await hostPathVolume.tearDown({ path } as Parameters<typeof hostPathVolume.tearDown>[0]);
  assert.ok((await stat(path)).isFile());
  assert.deepEqual(await hostPathVolume.find({} as Parameters<typeof hostPathVolume.find>[0]), []);
});

test('path – below /var/lib/kubelet – in the folder of this kubelet', async () => {
  await mkdir(join(home, 'kubelet', 'plugins'), { recursive: true });
  assert.equal(await setUp('/var/lib/kubelet/plugins', 'Directory'), join(home, 'kubelet', 'plugins'));
});

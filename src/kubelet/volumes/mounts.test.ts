import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { after, before, test } from 'node:test';
import type { ContainerPlace } from '#kubelet/pod-setup.ts';
import { volumeMounts } from './mounts.ts';

let dir: string;

before(async () => {
  dir = await realpath(await mkdtemp(`${tmpdir()}/mounts-`));
  await mkdir(`${dir}/volume/there`, { recursive: true });
  await mkdir(`${dir}/outside`);
  await writeFile(`${dir}/volume/file`, '');
  await symlink('there', `${dir}/volume/within`);
  await symlink(`${dir}/outside`, `${dir}/volume/out`);
  await symlink('nowhere', `${dir}/volume/dangling`);
});

after(() => rm(dir, { recursive: true }));

/** Where on the machine a container finds this part of its volume. */
async function pathOf(subPath: string): Promise<string | undefined> {
  const place = {
    container: { name: 'main', volumeMounts: [{ name: 'v', mountPath: '/v', subPath }] },
    variables: new Map(),
  } as unknown as ContainerPlace;
  const [mount] = await volumeMounts(place, new Map([['v', `${dir}/volume`]]));
  return mount?.hostPath.slice(dir.length + 1);
}

test('part of a volume: what is there, through links inside, and what has to be made', async () => {
  assert.equal(await pathOf(''), 'volume');
  assert.equal(await pathOf('there'), 'volume/there');
  assert.equal(await pathOf('file'), 'volume/file');
  assert.equal(await pathOf('within/new/./deep'), 'volume/there/new/deep');
  assert.equal((await stat(`${dir}/volume/there/new/deep`)).mode & 0o777, 0o777);
});

test('a link out of the volume is refused, and nothing is made behind it', async () => {
  const refused = /failed to prepare subPath for volumeMount "v" of container "main"/;
  for (const subPath of ['out', 'out/new', 'dangling', 'dangling/new', '../outside', '/etc'])
    await assert.rejects(pathOf(subPath), refused, subPath);
  assert.deepEqual(await readdir(`${dir}/outside`), []);
  assert.deepEqual(await readdir(dir), ['outside', 'volume']);
});

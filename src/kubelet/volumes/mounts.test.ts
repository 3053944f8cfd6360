import assert from 'node:assert/strict';
import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, realpath, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { after, before, describe, test } from 'node:test';
import type { VolumeMount } from '#api/generated/types.gen.ts';
import { unmountUnder } from '#host/kernel/mounts.ts';
import type { ContainerPlace } from '../runtime/machine.ts';
import { volumeMounts } from './mounts.ts';

const skip = process.platform === 'linux' && process.getuid?.() === 0 ? false : 'needs root on Linux';
let dir: string;

before(async () => {
  dir = await realpath(await mkdtemp(`${tmpdir()}/mounts-`));
  for (const path of ['volume/there', 'volume/swapped', 'outside/new']) {
    await mkdir(`${dir}/${path}`, { recursive: true });
  }
  await chmod(`${dir}/volume`, 0o3777);
  await writeFile(`${dir}/volume/there/inside`, 'inside');
  await writeFile(`${dir}/volume/swapped/inside`, 'inside');
  await writeFile(`${dir}/volume/file`, 'first');
  await writeFile(`${dir}/outside/secret`, 'secret');
  await symlink('there', `${dir}/volume/within`);
  await symlink('../there', `${dir}/volume/there/up-and-down`);
  await symlink('within/inside', `${dir}/volume/twice`);
  await symlink(`${dir}/outside`, `${dir}/volume/out`);
  await symlink(`${dir}/outside/secret`, `${dir}/volume/out-file`);
  await symlink('nowhere', `${dir}/volume/dangling`);
});

after(async () => {
  await unmountUnder(dir);
  await rm(dir, { recursive: true });
});

const volumes = (readOnly = false) => new Map([['v', { path: `${dir}/volume`, readOnly, isBlock: false }]]);

/** Where on the machine a container finds this part of its volume. */
async function pathOf(subPath: string, container = 'main'): Promise<string> {
  const place = {
    pod: { spec: {} },
    container: { name: container, volumeMounts: [{ name: 'v', mountPath: '/v', subPath }] },
    variables: new Map(),
  } as unknown as ContainerPlace;
  const [mount] = await volumeMounts(place, volumes(), `${dir}/sub-paths`);
  return mount?.hostPath ?? '';
}

test("a mount – of a whole volume – is the volume's path", async () => {
  assert.equal(await pathOf(''), `${dir}/volume`);
});

test('a mount – with a subPath – is resolved through links inside the volume, and made where it is missing', {
  skip,
}, async () => {
  assert.deepEqual(readdirSync(await pathOf('there')), ['inside', 'up-and-down']);
  assert.equal(readFileSync(await pathOf('file'), 'utf8'), 'first');
  assert.equal(readFileSync(await pathOf('twice'), 'utf8'), 'inside');
  assert.equal(readFileSync(`${await pathOf('there/up-and-down')}/inside`, 'utf8'), 'inside');
  const made = await pathOf('within/new/./deep');
  assert.equal(statSync(made).ino, statSync(`${dir}/volume/there/new/deep`).ino);
  // Set-group-id and sticky too, as upstream: what is made has the mode of its volume.
  assert.equal(statSync(made).mode & 0o7777, 0o3777);
});

test('a subPath – made by one container – is found by the next container of the same name', {
  skip,
}, async () => {
  const path = await pathOf('file');
  assert.equal(await pathOf('file'), path);
  await writeFile(`${dir}/volume/next`, 'second');
  await rename(`${dir}/volume/next`, `${dir}/volume/file`);
  assert.equal(readFileSync(path, 'utf8'), 'first');
  assert.equal(readFileSync(await pathOf('file'), 'utf8'), 'second');
});

describe('a subPath – a link out of the volume – is rejected, and nothing is made behind it', () => {
  const refused = /failed to prepare subPath for volumeMount "v" of container "main"/;
  for (const subPath of ['out', 'out/new', 'out-file', 'dangling', 'dangling/new', '../outside', '/etc']) {
    test(subPath, async () => {
      await assert.rejects(pathOf(subPath), refused);
    });
  }
  test('the folders behind the links', () => {
    assert.deepEqual(readdirSync(`${dir}/outside`), ['new', 'secret']);
    assert.deepEqual(readdirSync(`${dir}/outside/new`), []);
  });
});

test('a subPath – replaced after it was checked – is not what the container gets', {
  skip,
}, async () => {
  const path = await pathOf('swapped', 'other');
  await rename(`${dir}/volume/swapped`, `${dir}/volume/moved`);
  await symlink(`${dir}/outside`, `${dir}/volume/swapped`);
  assert.deepEqual(readdirSync(path), ['inside']);
  assert.ok(lstatSync(`${dir}/volume/swapped`).isSymbolicLink());
  await unlink(`${dir}/volume/swapped`);
});

/** The mount that a container with these fields gets. */
async function mountOf(mount: Partial<VolumeMount>, readOnly = false) {
  const place = {
    pod: { spec: {} },
    container: { name: 'main', volumeMounts: [{ name: 'v', mountPath: '/v', ...mount }] },
    variables: new Map(),
  } as unknown as ContainerPlace;
  const [made] = await volumeMounts(place, volumes(readOnly), `${dir}/sub-paths`);
  return made;
}

test('a volume that is read-only – mounted for writing – is read-only in the container', async () => {
  const isReadOnly = async (readOnly: boolean, mount: boolean) =>
    (await mountOf({ readOnly: mount }, readOnly))?.readonly;
  assert.equal(await isReadOnly(true, false), true);
  assert.equal(await isReadOnly(false, false), false);
  assert.equal(await isReadOnly(false, true), true);
});

describe('a recursively read-only mount – the runtime does not support it – is rejected', () => {
  const message =
    'failed to resolve recursive read-only mode: volume "v" requested recursive read-only mode, but it is not supported by the runtime';
  test('Enabled', async () => {
    await assert.rejects(mountOf({ readOnly: true, recursiveReadOnly: 'Enabled' }), {
      name: 'ContainerConfigError',
      message,
    });
  });
  for (const recursiveReadOnly of ['IfPossible', 'Disabled']) {
    test(recursiveReadOnly, async () => {
      assert.equal((await mountOf({ readOnly: true, recursiveReadOnly }))?.readonly, true);
    });
  }
});

/** local: a directory and a disk of this machine behind a claim, on real mounts. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import type { Volume } from '#api/generated/types.gen.ts';
import { isMounted } from '#host/kernel/mounts.ts';
import { volumeContext } from '#testing/kubelet/volume-context.ts';
import { storedClaim, storedVolume } from '#testing/objects/volumes.ts';
import type { VolumeContext } from '../volume.ts';
import { localVolume } from './local.ts';

const skip = process.platform === 'linux' && process.getuid?.() === 0 ? false : 'needs root on Linux';
const volume: Volume = { name: 'v', persistentVolumeClaim: { claimName: 'data' } };

function start(t: TestContext, pathOf: (dir: string) => string, spec: object = {}) {
  const securityContext = { fsGroup: 2000 };
  const made = volumeContext(t, { pod: { spec: { containers: [], securityContext } } });
  const { uid } = made.context.pod.metadata;
  const podsDir = `${made.dir}/pods`;
  const source = { hostPath: undefined, local: { path: pathOf(made.dir) } };
  const claimed = {
    claim: storedClaim('data'),
    volume: storedVolume('pv', { ...source, ...spec }) as NonNullable<VolumeContext['claimed']>['volume'],
  };
  const context = { ...made.context, podsDir, volumesDir: `${podsDir}/${uid}/volumes`, claimed };
  return { ...made, context };
}

test('a directory – written through the pod’s place – keeps its files when the volume is taken down', {
  skip,
}, async (t) => {
  const { context, dir } = start(t, (dir) => `${dir}/data`);
  mkdirSync(`${dir}/data`);
  const path = await localVolume.setUp(context, volume);
  assert.equal(path, `${context.volumesDir}/kubernetes.io~local-volume/pv`);
  assert.equal(await localVolume.setUp(context, volume), path);
  assert.equal(statSync(path).gid, 2000);
  writeFileSync(`${path}/kept`, 'kept');
  assert.deepEqual(await localVolume.find(context), [{ name: 'pv', path }]);
  await localVolume.tearDown({ name: 'pv', path });
  assert.deepEqual(await localVolume.find(context), []);
  assert.equal(readFileSync(`${dir}/data/kept`, 'utf8'), 'kept');
});

test('a directory – claimed read-only – cannot be written', { skip }, async (t) => {
  const { context, dir } = start(t, (dir) => `${dir}/data`);
  mkdirSync(`${dir}/data`);
  const readOnly = { ...volume, persistentVolumeClaim: { claimName: 'data', readOnly: true } };
  const path = await localVolume.setUp(context, readOnly);
  assert.throws(() => writeFileSync(`${path}/new`, ''), /EROFS/);
});

test('a directory – another pod has it with another group – keeps its group, and an event says so', {
  skip,
}, async (t) => {
  const { context, dir, recorded } = start(t, (dir) => `${dir}/data`);
  mkdirSync(`${dir}/data`);
  mkdirSync(`${context.podsDir}/other/volumes/kubernetes.io~local-volume/pv`, { recursive: true });
  const path = await localVolume.setUp(context, volume);
  assert.equal(statSync(path).gid, 0);
  assert.deepEqual(recorded, [
    'Warning AlreadyMountedVolume The requested fsGroup is 2000, but the volume pv has GID 0. The volume may not be shareable.',
  ]);
});

test('a path – missing, or a file – cannot be mounted', { skip }, async (t) => {
  const missing = start(t, () => '/nowhere/at/all');
  await assert.rejects(localVolume.setUp(missing.context, volume), {
    name: 'NotMountable',
    message: 'path "/nowhere/at/all" does not exist',
  });
  const file = start(t, (dir) => `${dir}/file`);
  writeFileSync(`${file.dir}/file`, '');
  await assert.rejects(localVolume.setUp(file.context, volume), {
    name: 'NotMountable',
    message: 'only directory and block device are supported',
  });
});

/** A loop device over a sparse file of so many MiB. */
function disk(t: TestContext, file: string, sizeMib: number): string {
  writeFileSync(file, '');
  truncateSync(file, sizeMib * 2 ** 20);
  const device = execFileSync('losetup', ['--find', '--show', file], { encoding: 'utf8' }).trim();
  t.after(() => execFileSync('losetup', ['--detach', device]));
  return device;
}

test('a disk – blank – is formatted once, mounted once, bound into the pod, and released', {
  skip,
}, async (t) => {
  let device = '';
  const { context, dir } = start(t, (dir) => {
    device = disk(t, `${dir}/image`, 32);
    return device;
  });
  const devices = localVolume.devices!;
  assert.equal(await devices.deviceOf(context, volume), 'pv');
  await devices.mount(context, volume, 'pv');
  const path = await localVolume.setUp(context, volume);
  writeFileSync(`${path}/kept`, 'kept');
  assert.deepEqual(await localVolume.find(context), [{ name: 'pv', path, device: 'pv' }]);
  await localVolume.tearDown({ name: 'pv', path });
  await devices.unmount(context, 'pv');
  assert.deepEqual(await devices.find(context), []);
  assert.equal(await isMounted(`${dir}/plugins/kubernetes.io/local-volume/mounts/pv`), false);

  await devices.mount(context, volume, 'pv');
  assert.equal(readFileSync(`${await localVolume.setUp(context, volume)}/kept`, 'utf8'), 'kept');
  await localVolume.tearDown({ name: 'pv', path });
  await devices.unmount(context, 'pv');
});

test('a disk – claimed as a block device – is the container’s own', { skip }, async (t) => {
  const { context, dir } = start(t, (dir) => disk(t, `${dir}/image`, 8), { volumeMode: 'Block' });
  assert.equal(await localVolume.devices!.deviceOf(context, volume), undefined);
  assert.equal(await localVolume.setUp(context, volume), context.claimed.volume.spec.local!.path);
  assert.equal(existsSync(`${dir}/plugins`), false);
});

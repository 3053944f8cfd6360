/**
 * iscsi: what the node lacks, and with a program in the place of `iscsiadm` (no target can be served here) the
 * way of a disk from log-in to log-out, on real mounts of a loop device.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { after, type TestContext, test } from 'node:test';
import type { Volume } from '#api/generated/types.gen.ts';
import type { VolumeContext } from '#kubelet/volumes/volume.ts';
import { volumeContext } from '#testing/kubelet/volume-context.ts';
import { iscsiVolume, nameOf, parseName } from './iscsi.ts';

const isRoot = process.platform === 'linux' && process.getuid?.() === 0;
const hasProgram = existsSync('/usr/sbin/iscsiadm') || existsSync('/sbin/iscsiadm');
const volume: Volume = {
  name: 'v',
  iscsi: { targetPortal: '192.0.2.9', iqn: 'iqn.2026-01.test:disk', lun: 3 },
};
const device = '/dev/disk/by-path/ip-192.0.2.9:3260-iscsi-iqn.2026-01.test:disk-lun-3';
const name = 'iface-default/192.0.2.9:3260-iqn.2026-01.test:disk-lun-3';

test('a disk – its directory’s name – names it', () => {
  const disk = { iface: 'default', portal: '192.0.2.9:3260', iqn: 'iqn.2026-01.test:disk', lun: 3 };
  assert.equal(nameOf(disk), name);
  assert.deepEqual(parseName(name), disk);
  assert.equal(parseName('other'), undefined);
});

test('a disk – on a node without iscsiadm – says what is missing', {
  skip: hasProgram ? 'this machine has iscsiadm' : false,
}, async (t) => {
  const { context } = volumeContext(t);
  await assert.rejects(iscsiVolume.devices!.mount(context, volume, name), {
    message:
      'iscsi: failed to update discoverydb to portal 192.0.2.9:3260: the node has no iscsiadm: install open-iscsi',
  });
});

/** In the search path from the first test on that needs it: programs may be started by a process that keeps its path. */
const programs = mkdtempSync(`${tmpdir()}/kybern-iscsi-`);
after(() => rmSync(programs, { recursive: true }));

/** A loop device, and an `iscsiadm` that links it as the disk; returns the reader of its calls. */
function fakeTarget(t: TestContext, dir: string): () => string[] {
  writeFileSync(`${dir}/image`, '');
  truncateSync(`${dir}/image`, 32 * 2 ** 20);
  const loop = execFileSync('losetup', ['--find', '--show', `${dir}/image`], { encoding: 'utf8' }).trim();
  const script = `#!/bin/sh
echo "$@" >> ${programs}/calls
case "$*" in
*--login) mkdir -p /dev/disk/by-path && ln -sf ${loop} '${device}' ;;
*--logout) rm -f '${device}' ;;
esac
`;
  writeFileSync(`${programs}/calls`, '');
  writeFileSync(`${programs}/iscsiadm`, script);
  chmodSync(`${programs}/iscsiadm`, 0o755);
  const path = process.env['PATH'] ?? '';
  if (!path.startsWith(programs)) process.env['PATH'] = `${programs}:${path}`;
  t.after(() => {
    rmSync(device, { force: true });
    execFileSync('losetup', ['--detach', loop]);
  });
  return () => readFileSync(`${programs}/calls`, 'utf8').trim().split('\n');
}

const skip = !isRoot || hasProgram ? 'needs root on Linux without iscsiadm' : false;
const to = '-p 192.0.2.9:3260';
const node = `-m node ${to} -T iqn.2026-01.test:disk -I default`;
const discovery = `-m discoverydb -t sendtargets ${to} -I default`;

test('a disk – of a pod – is logged in to, formatted, mounted and bound, and logged out of with the last pod', {
  skip,
}, async (t) => {
  const { context, dir } = volumeContext(t);
  const calls = fakeTarget(t, dir);
  const devices = iscsiVolume.devices!;
  assert.equal(await devices.deviceOf(context, volume), name);
  await devices.mount(context, volume, name);
  const target = await iscsiVolume.setUp(context, volume);
  writeFileSync(`${target}/kept`, 'kept');
  const found = [{ name: 'v', path: target, device: name }];
  assert.deepEqual(await iscsiVolume.find(context), found);
  assert.deepEqual(await devices.find(context), [name]);
  await iscsiVolume.tearDown(found[0]!);
  await devices.unmount(context, name);
  assert.deepEqual([await iscsiVolume.find(context), await devices.find(context)], [[], []]);
  assert.deepEqual(calls(), [
    `${discovery} -o new`,
    `${discovery} --discover`,
    `${node} --login`,
    `${node} --logout`,
    `${node} -o delete`,
  ]);
});

test('a disk – of a claim of the mode Block – is logged in to and linked, and logged out of with the last pod', {
  skip,
}, async (t) => {
  const { context: plain, dir } = volumeContext(t);
  const calls = fakeTarget(t, dir);
  const pv = { metadata: { name: 'pv' }, spec: { iscsi: volume.iscsi, volumeMode: 'Block' } };
  const context = { ...plain, claimed: { claim: {}, volume: pv } } as unknown as VolumeContext;
  const block = `volumeDevices/${name}`;
  const devices = iscsiVolume.devices!;
  assert.equal(await devices.deviceOf(context, volume), block);
  await devices.mount(context, volume, block);
  assert.equal(await iscsiVolume.setUp(context, volume), device);
  assert.ok(statSync(device).isBlockDevice());
  const found = [{ name: 'pv', path: `${context.volumeDevicesDir}/kubernetes.io~iscsi/pv`, device: block }];
  assert.deepEqual(await iscsiVolume.find(context), found);
  assert.deepEqual(await devices.find(context), [block]);
  await iscsiVolume.tearDown(found[0]!);
  await devices.unmount(context, block);
  assert.deepEqual([await iscsiVolume.find(context), await devices.find(context)], [[], []]);
  assert.deepEqual(calls().slice(2), [`${node} --login`, `${node} --logout`, `${node} -o delete`]);
});

const iscsi = {
  ...volume.iscsi!,
  chapAuthDiscovery: true,
  chapAuthSession: true,
  secretRef: { name: 'chap' },
};

/** A client that has the Secret `chap` of the namespace `default`. */
function withSecret(context: VolumeContext, data: Record<string, string>): VolumeContext {
  const encoded = Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')]);
  const get = async (_: unknown, { namespace, name: found }: { namespace: string; name: string }) => {
    if (`${namespace}/${found}` !== 'default/chap') throw new Error(`secrets "${found}" not found`);
    return { data: Object.fromEntries(encoded) };
  };
  return { ...context, client: { get } } as unknown as VolumeContext;
}

test('a disk – that needs CHAP – is discovered and logged in to with what the Secret has', {
  skip,
}, async (t) => {
  const { context, dir } = volumeContext(t);
  const calls = fakeTarget(t, dir);
  const secured = withSecret(context, {
    'discovery.sendtargets.auth.username': 'finder',
    'node.session.auth.username': 'user',
    'node.session.auth.password': 'word',
    unrelated: 'x',
  });
  await iscsiVolume.devices!.mount(secured, { name: 'v', iscsi }, name);
  assert.deepEqual(calls(), [
    `${discovery} -o new`,
    `${discovery} -o update -n discovery.sendtargets.auth.authmethod -v CHAP`,
    `${discovery} -o update -n discovery.sendtargets.auth.username -v finder`,
    `${discovery} --discover`,
    `${node} -o update -n node.session.auth.authmethod -v CHAP`,
    `${node} -o update -n node.session.auth.username -v user`,
    `${node} -o update -n node.session.auth.password -v word`,
    `${node} --login`,
  ]);
});

test('a disk – its Secret is missing – is not mountable', async (t) => {
  const { context } = volumeContext(t);
  const secured = { name: 'v', iscsi: { ...iscsi, secretRef: { name: 'none' } } };
  await assert.rejects(iscsiVolume.devices!.mount(withSecret(context, {}), secured, name), {
    name: 'NotMountable',
    message: `couldn't get secret default/none error: secrets "none" not found`,
  });
});

/**
 * iscsi: what the node lacks, and with a program in the place of `iscsiadm` (no target can be served here) the
 * way of a disk from log-in to log-out, on real mounts of a loop device.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Volume } from '#api/generated/types.gen.ts';
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

test('a disk – that needs CHAP – is refused', async (t) => {
  const { context } = volumeContext(t);
  const secured = { ...volume, iscsi: { ...volume.iscsi!, chapAuthSession: true } };
  await assert.rejects(iscsiVolume.devices!.deviceOf(context, secured), /CHAP is not supported/);
});

test('a disk – of a pod – is logged in to, formatted, mounted and bound, and logged out of with the last pod', {
  skip: !isRoot || hasProgram ? 'needs root on Linux without iscsiadm' : false,
}, async (t) => {
  const { context, dir } = volumeContext(t);
  writeFileSync(`${dir}/image`, '');
  truncateSync(`${dir}/image`, 32 * 2 ** 20);
  const loop = execFileSync('losetup', ['--find', '--show', `${dir}/image`], { encoding: 'utf8' }).trim();
  const script = `#!/bin/sh
echo "$@" >> ${dir}/calls
case "$*" in
*--login) mkdir -p /dev/disk/by-path && ln -sf ${loop} '${device}' ;;
*--logout) rm -f '${device}' ;;
esac
`;
  writeFileSync(`${dir}/iscsiadm`, script);
  chmodSync(`${dir}/iscsiadm`, 0o755);
  const path = process.env['PATH'];
  process.env['PATH'] = `${dir}:${path}`;
  t.after(() => {
    process.env['PATH'] = path;
    rmSync(device, { force: true });
    execFileSync('losetup', ['--detach', loop]);
  });
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
  const to = '-p 192.0.2.9:3260';
  const node = `-m node ${to} -T iqn.2026-01.test:disk -I default`;
  assert.deepEqual(readFileSync(`${dir}/calls`, 'utf8').trim().split('\n'), [
    `-m discoverydb -t sendtargets ${to} -I default -o new`,
    `-m discoverydb -t sendtargets ${to} -I default --discover`,
    `${node} --login`,
    `${node} --logout`,
    `${node} -o delete`,
  ]);
});

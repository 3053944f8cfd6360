import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { volumeContext } from '#testing/kubelet/volume-context.ts';
import { nfsVolume } from './nfs.ts';

const skip =
  process.platform === 'linux' && process.getuid?.() === 0 && !existsSync('/sbin/mount.nfs')
    ? false
    : 'needs root on Linux without mount.nfs';

test('an NFS volume – on a machine without its mount helper – says which one is missing, and leaves nothing', {
  skip,
}, async (t) => {
  const { context } = volumeContext(t);
  const volume = { name: 'v', nfs: { server: '192.0.2.9', path: '/export' } };
  const target = `${context.volumesDir}/kubernetes.io~nfs/v`;
  await assert.rejects(nfsVolume.setUp(context, volume), ({ message }: Error) => {
    assert.ok(message.startsWith('mount failed: exit status 32\nMounting command: mount\n'));
    assert.ok(message.includes(`Mounting arguments: -t nfs 192.0.2.9:/export ${target}\n`));
    assert.ok(message.endsWith('\nthe node has no mount.nfs: install nfs-common'));
    return true;
  });
  assert.deepEqual(await nfsVolume.find(context), []);
});

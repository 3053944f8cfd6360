/** Who deletes the storage of a volume, and upstream's words when it cannot be deleted. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PersistentVolumeSpec } from '#api/generated/types.gen.ts';
import { storedVolume } from '#testing/objects/volumes.ts';
import { type Deleter, deleterOf } from './deleter.ts';

const by = (provisioner: string) => ({ 'pv.kubernetes.io/provisioned-by': provisioner });
const at = (path: string): PersistentVolumeSpec => ({ hostPath: { path } });
const { hostPath: _, ...unset } = storedVolume('v').spec ?? {};
const nowhere = { trouble: 'error getting deleter volume plugin for volume "v": no volume plugin matched' };
const outside = (path: string) => ({
  trouble: `host_path deleter only supports /tmp/.+ but received provided ${path}`,
});

const rows: [string, PersistentVolumeSpec, Record<string, string>, Deleter][] = [
  ['a host path beneath /tmp', at('/tmp/v'), {}, { path: '/tmp/v' }],
  ['/tmp itself', at('/tmp/'), {}, outside('/tmp/')],
  ['a host path elsewhere', at('/data/v'), {}, outside('/data/v')],
  ['a host path with /tmp/ in it', at('/var/tmp/v'), {}, outside('/var/tmp/v')],
  ['a host path that leaves /tmp', at('/tmp/../etc'), {}, outside('/tmp/../etc')],
  ['a local volume', { local: { path: '/tmp/v' } }, {}, nowhere],
  [
    'an NFS volume',
    { nfs: { server: 's', path: '/' } },
    {},
    { trouble: 'error getting deleter volume plugin for volume "v": no deletable volume plugin matched' },
  ],
  ['a CSI volume', { csi: { driver: 'd', volumeHandle: 'h' } }, {}, 'external'],
  ['a host path of an external provisioner', at('/tmp/v'), by('example.com/disks'), 'external'],
  ['a host path of the in-tree provisioner', at('/tmp/v'), by('kubernetes.io/host-path'), { path: '/tmp/v' }],
  [
    'a volume of an in-tree provisioner that is gone',
    at('/tmp/v'),
    by('kubernetes.io/glusterfs'),
    { trouble: 'no volume plugin matched name: kubernetes.io/glusterfs' },
  ],
  ['a migrated volume', at('/tmp/v'), { 'pv.kubernetes.io/migrated-to': 'd' }, 'external'],
];
for (const [title, source, annotations, expected] of rows) {
  test(`${title} – ${JSON.stringify(expected)}`, () => {
    const volume = { metadata: { name: 'v', annotations }, spec: { ...unset, ...source } };
    assert.deepEqual(deleterOf(volume), expected);
  });
}

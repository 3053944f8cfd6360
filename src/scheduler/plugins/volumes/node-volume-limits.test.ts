/** NodeVolumeLimits: volumes of a driver against the limit of its CSINode, and what wakes a pod. */

import assert from 'node:assert/strict';
import test from 'node:test';
import type { CSINode, VolumeAttachment } from '#api/generated/types.gen.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { boundClaim, newClaim, storedClaim, storedClass, storedVolume } from '#testing/objects/volumes.ts';
import { makePod, type PodShape } from '#testing/scheduling/objects.ts';
import { isHelpedBy, podEvent, rejectionsOf, type Verdict } from '#testing/scheduling/plugin.ts';
import type { Listers } from '../../cache/listers.ts';
import { type ClusterEvent, Rejection } from '../../framework.ts';
import { nodeVolumeLimits } from './node-volume-limits.ts';

const exceeded = new Rejection('NodeVolumeLimits', ['node(s) exceed max volume count']);
const using = (...names: string[]): PodShape => ({
  spec: { volumes: names.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } })) },
});
const csi = (driver: string, volumeHandle: string) => ({ csi: { driver, volumeHandle } });
const ebs = 'ebs.csi.aws.com';
const disk = (volumeID: string) => ({ awsElasticBlockStore: { volumeID } });
/** Disks that the pod itself names. */
const naming = (...ids: string[]): PodShape => ({
  spec: { volumes: ids.map((id, i) => ({ name: `v${i}`, ...disk(id) })) },
});
const share = { azureFile: { shareName: 's', secretName: 's', secretNamespace: 'ns' } };
const volumes = [
  storedVolume('disk', disk('vol-1')),
  storedVolume('share', share),
  storedVolume('wrong', disk('aws://a/1')),
  storedVolume('a', csi('d', 'a')),
  storedVolume('b', csi('d', 'b')),
  storedVolume('other', csi('e', 'x')),
  storedVolume('folder'),
];
const claims = [
  ...volumes.map(({ metadata }) => boundClaim(metadata.name, metadata.name)),
  storedClaim('new', {}, { storageClassName: 's' }),
  storedClaim('unknown', {}, { storageClassName: 'none' }),
  storedClaim('new-disk', {}, { storageClassName: 'disks' }),
  storedClaim('new-share', {}, { storageClassName: 'shares' }),
];
const csiNode = (count?: number): CSINode => ({
  spec: {
    drivers: ['d', ebs, 'file.csi.azure.com'].map((name) => ({
      name,
      nodeID: 'n',
      ...(count === undefined ? {} : { allocatable: { count } }),
    })),
  },
});
/** As Go writes an empty list. */
const noDrivers: CSINode = { spec: { drivers: null } };
const attached = (persistentVolumeName: string): VolumeAttachment => ({
  spec: { attacher: 'd', nodeName: 'n', source: { persistentVolumeName } },
});

interface Node {
  readonly limit?: number | 'no drivers';
  readonly placed?: PodShape;
  readonly attached?: string;
}
const rows: [string, PodShape, Node, Verdict][] = [
  ['no claims', {}, { limit: 0 }, 'skipped'],
  ['no volume of a driver', using('folder', 'unknown'), { limit: 0 }, 'skipped'],
  ['no limit', using('a'), {}, ['fits']],
  ['no driver on the node', using('a'), { limit: 'no drivers' }, ['fits']],
  ['room for one', using('a'), { limit: 1 }, ['fits']],
  ['room for one, two wanted', using('a', 'b'), { limit: 1 }, [exceeded]],
  ['full', using('a'), { limit: 1, placed: using('b') }, [exceeded]],
  ['full with the wanted volume', using('a'), { limit: 1, placed: using('a') }, ['fits']],
  ['full of another driver', using('a'), { limit: 1, placed: using('other') }, ['fits']],
  ['a volume to be provisioned, full', using('new'), { limit: 1, placed: using('b') }, [exceeded]],
  ['full by an attachment that no pod uses', using('a'), { limit: 1, attached: 'b' }, [exceeded]],
  ['an attachment of a volume in use', using('a'), { limit: 2, placed: using('b'), attached: 'b' }, ['fits']],
  ['a cloud’s disk, full', using('disk'), { limit: 1, placed: naming('vol-2') }, [exceeded]],
  ['a cloud’s disk, full with the same disk', using('disk'), { limit: 1, placed: naming('vol-1') }, ['fits']],
  ['a cloud’s disk that the pod names, full', naming('vol-1'), { limit: 0 }, [exceeded]],
  ['a cloud’s disk that the pod names, room', naming('vol-1'), { limit: 1 }, ['fits']],
  [
    'a cloud’s disk to be provisioned, full',
    using('new-disk'),
    { limit: 1, placed: using('disk') },
    [exceeded],
  ],
  ['a share, which is not counted', using('share', 'new-share'), { limit: 0 }, 'skipped'],
  ['a disk of a claim with a wrong id', using('wrong'), { limit: 0 }, 'skipped'],
  ['beside a pod with a wrong disk', using('a'), { limit: 1, placed: naming('aws://a/1') }, ['fits']],
];
const classes = new Map([
  ['s', 'd'],
  ['disks', 'kubernetes.io/aws-ebs'],
  ['shares', 'kubernetes.io/azure-file'],
]);
for (const [title, pod, { limit, placed, attached: name }, expected] of rows) {
  test(`filter – ${title}`, () => {
    const named = <T extends KubeObject>(objects: readonly T[], wanted: string) =>
      objects.find(({ metadata }) => metadata?.name === wanted);
    const listers: Partial<Listers> = {
      claim: (_namespace, wanted) => named(claims, wanted),
      volume: (wanted) => named(volumes, wanted),
      storageClass: (wanted) => {
        const provisioner = classes.get(wanted);
        return provisioner === undefined ? undefined : storedClass(wanted, { provisioner });
      },
      csiNode: () => (limit === 'no drivers' ? noDrivers : csiNode(limit)),
      attachments: () => (name ? [attached(name)] : []),
    };
    const pods = placed ? [{ ...placed, nodeName: 'n' }] : [];
    assert.deepEqual(
      rejectionsOf(nodeVolumeLimits, pod, { nodes: [{ name: 'n' }], pods, listers }),
      expected,
    );
  });
}

test('filter – a disk that the pod names by a wrong id – an error where drivers are known', () => {
  const filter = (csi: CSINode | undefined) => () =>
    rejectionsOf(nodeVolumeLimits, naming('aws://a/1'), {
      nodes: [{ name: 'n' }],
      listers: { csiNode: () => csi },
    });
  assert.throws(
    filter(csiNode()),
    /running "NodeVolumeLimits" filter plugin: converting volume\(v0\) from inline/,
  );
  assert.deepEqual(filter(undefined)(), ['fits']);
});

const attachedDisk: VolumeAttachment = { spec: { attacher: ebs, nodeName: 'n', source: {} } };

const firstDriver = { kind: 'CSINode', object: csiNode(1), oldObject: noDrivers } as const;
const lastDriver = { kind: 'CSINode', object: noDrivers, oldObject: csiNode(1) } as const;

const hinted: [string, PodShape, ClusterEvent, boolean][] = [
  ['a CSINode is added', using('a'), { kind: 'CSINode', object: csiNode() }, true],
  ['a limit grows', using('a'), { kind: 'CSINode', object: csiNode(2), oldObject: csiNode(1) }, true],
  ['the first driver of a node has a limit', using('a'), firstDriver, true],
  ['the last driver of a node is gone', using('a'), lastDriver, false],
  ['a limit shrinks', using('a'), { kind: 'CSINode', object: csiNode(1), oldObject: csiNode(2) }, false],
  ['a pod with a claim is deleted', using('a'), podEvent('Pod/AssignedDelete', using('b')), true],
  ['a pod without claims is deleted', using('a'), podEvent('Pod/AssignedDelete', {}), false],
  ['its claim is added', using('a'), { kind: 'PersistentVolumeClaim', object: newClaim('a') }, true],
  ['another claim is added', using('a'), { kind: 'PersistentVolumeClaim', object: newClaim('b') }, false],
  ['a pod with a cloud’s disk is deleted', using('a'), podEvent('Pod/AssignedDelete', naming('vol-1')), true],
  [
    'an attachment of the driver is deleted',
    naming('vol-1'),
    { kind: 'VolumeAttachment/Delete', object: attachedDisk },
    true,
  ],
  [
    'an attachment of another driver is deleted',
    naming('vol-1'),
    { kind: 'VolumeAttachment/Delete', object: attached('b') },
    false,
  ],
  ['an attachment is deleted', using('a'), { kind: 'VolumeAttachment/Delete', object: attached('b') }, true],
];
for (const [title, pod, event, expected] of hinted) {
  test(`hint – ${title} – ${expected ? 'wakes' : 'does not wake'} the pod`, () => {
    assert.equal(isHelpedBy(nodeVolumeLimits, makePod(pod), event), expected);
  });
}

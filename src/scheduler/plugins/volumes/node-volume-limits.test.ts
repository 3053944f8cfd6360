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
const volumes = [
  storedVolume('a', csi('d', 'a')),
  storedVolume('b', csi('d', 'b')),
  storedVolume('other', csi('e', 'x')),
  storedVolume('folder'),
];
const claims = [
  ...volumes.map(({ metadata }) => boundClaim(metadata.name, metadata.name)),
  storedClaim('new', {}, { storageClassName: 's' }),
  storedClaim('unknown', {}, { storageClassName: 'none' }),
];
const csiNode = (count?: number): CSINode => ({
  spec: { drivers: [{ name: 'd', nodeID: 'n', ...(count === undefined ? {} : { allocatable: { count } }) }] },
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
];
for (const [title, pod, { limit, placed, attached: name }, expected] of rows) {
  test(`filter – ${title}`, () => {
    const named = <T extends KubeObject>(objects: readonly T[], wanted: string) =>
      objects.find(({ metadata }) => metadata?.name === wanted);
    const listers: Partial<Listers> = {
      claim: (_namespace, wanted) => named(claims, wanted),
      volume: (wanted) => named(volumes, wanted),
      storageClass: (wanted) => (wanted === 's' ? storedClass('s', { provisioner: 'd' }) : undefined),
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
  ['an attachment is deleted', using('a'), { kind: 'VolumeAttachment/Delete', object: attached('b') }, true],
];
for (const [title, pod, event, expected] of hinted) {
  test(`hint – ${title} – ${expected ? 'wakes' : 'does not wake'} the pod`, () => {
    assert.equal(isHelpedBy(nodeVolumeLimits, makePod(pod), event), expected);
  });
}

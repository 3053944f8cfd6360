/** The kinds of storage as objects: classes, drivers' nodes and capacities, attachments. */

import assert from 'node:assert/strict';
import {
  csiNodes,
  csiStorageCapacities,
  storageClasses,
  volumeAttachments,
  volumeAttributesClasses,
} from '#api/generated/kinds.gen.ts';
import type { VolumeAttachment } from '#api/generated/types.gen.ts';
import type { KubeObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';
import { type Life, livesAsObject } from '../shared/object-life.ts';
import { change, isGone } from '../shared/workloads.ts';

function lives<T extends KubeObject>(
  codename: string,
  type: ResourceType<T>,
  body: Life<T>['body'],
): readonly Behaviour[] {
  return [behaviour(codename, (context) => livesAsObject(context, type, { body }))];
}

export const csiNodeArea = lives(
  '[sig-storage] CSINodes CSI Conformance should run through the lifecycle of a csinode [Conformance]',
  csiNodes,
  (index) => ({
    spec: { drivers: [{ name: 'e2e.example.com', nodeID: `node-${index}`, topologyKeys: [] }] },
  }),
);

export const csiStorageCapacityArea = lives(
  '[sig-storage] CSIStorageCapacity should support CSIStorageCapacities API operations [Conformance]',
  csiStorageCapacities,
  (index) => ({ storageClassName: `e2e-class-${index}`, capacity: '1Gi' }),
);

export const storageClassArea = lives(
  '[sig-storage] StorageClasses CSI Conformance should run through the lifecycle of a StorageClass [Conformance]',
  storageClasses,
  () => ({ provisioner: 'e2e.example.com', parameters: { type: 'fast' }, reclaimPolicy: 'Delete' as const }),
);

export const volumeAttributesClassArea = lives(
  '[sig-storage] VolumeAttributesClass [FeatureGate:VolumeAttributesClass] should run through the lifecycle of a VolumeAttributesClass [Conformance]',
  volumeAttributesClasses,
  () => ({ driverName: 'e2e.example.com', parameters: { iops: '1000' } }),
);

const attachment = (index: number): Omit<VolumeAttachment, 'metadata'> => ({
  spec: {
    attacher: 'e2e.example.com',
    nodeName: `e2e-node-${index}`,
    source: { persistentVolumeName: `e2e-volume-${index}` },
  },
});

/** A VolumeAttachment is attached when the driver reports it, by the status only. */
async function attachmentStatus(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const key = { name: `attached-of-${namespace}` };
  context.after(() => client.delete(volumeAttachments, key));
  await client.create(volumeAttachments, { ...attachment(0), metadata: key });
  await client.patch(volumeAttachments, key, 'merge', { metadata: { labels: { patched: 'yes' } } });
  const read = await client.get(volumeAttachments, key, 'status');
  assert.equal(read.metadata.labels?.['patched'], 'yes');
  assert.equal(read.status?.attached, false);
  const status = { status: { attached: true } };
  await client.patch(volumeAttachments, key, 'merge', status);
  assert.equal((await client.get(volumeAttachments, key)).status?.attached, false);
  const options = { subresource: 'status' };
  const patched = await client.patch(volumeAttachments, key, 'merge', status, options);
  assert.equal(patched.status?.attached, true);
  await change(
    client,
    volumeAttachments,
    key,
    (volumeAttachment) => {
      volumeAttachment.status = { ...volumeAttachment.status, attached: false };
    },
    'status',
  );
  assert.equal((await client.get(volumeAttachments, key)).status?.attached, false);
  await client.delete(volumeAttachments, key);
  await context.eventually('it is gone', () => isGone(client, volumeAttachments, key));
}

export const volumeAttachmentArea: readonly Behaviour[] = [
  ...lives(
    '[sig-storage] VolumeAttachment Conformance should run through the lifecycle of a VolumeAttachment [Conformance]',
    volumeAttachments,
    attachment,
  ),
  behaviour(
    '[sig-storage] VolumeAttachment Conformance should apply changes to a volumeattachment status [Conformance]',
    attachmentStatus,
  ),
];

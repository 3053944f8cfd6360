/** Volumes and the claims to them as objects, and what is written into the status of both. */

import assert from 'node:assert/strict';
import { persistentVolumeClaims, persistentVolumes } from '#api/generated/kinds.gen.ts';
import type { PersistentVolumeClaimSpec, PersistentVolumeSpec } from '#api/generated/types.gen.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';
import { change, isGone } from '../shared/workloads.ts';

/** The claim names the volume, so that no other pair is made of them; nothing ever mounts it. */
function specs({ namespace }: BehaviourContext, volumeName: string, claim: string) {
  const common = { accessModes: ['ReadWriteOnce' as const], storageClassName: `none-${namespace}` };
  const volume: PersistentVolumeSpec = {
    ...common,
    capacity: { storage: '1Gi' },
    persistentVolumeReclaimPolicy: 'Retain',
    claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name: claim },
    csi: { driver: 'e2e.example.com', volumeHandle: volumeName },
  };
  const requests = { storage: '1Gi' };
  const claimSpec: PersistentVolumeClaimSpec = { ...common, volumeName, resources: { requests } };
  return { volume, claimSpec };
}

async function createPair(context: BehaviourContext, word: string) {
  const { client, namespace } = context;
  const pv = { name: `${word}-of-${namespace}` };
  const pvc = { namespace, name: word };
  const labels = { pair: namespace };
  const { volume, claimSpec } = specs(context, pv.name, pvc.name);
  context.after(() => client.delete(persistentVolumes, pv));
  await client.create(persistentVolumes, { metadata: { ...pv, labels }, spec: volume });
  await client.create(persistentVolumeClaims, { metadata: { ...pvc, labels }, spec: claimSpec });
  const selected = { labelSelector: `pair=${namespace}` };
  assert.equal((await client.list(persistentVolumes, selected)).items.length, 1);
  assert.equal((await client.list(persistentVolumeClaims, { namespace, ...selected })).items.length, 1);
  return { pv, pvc, selected };
}

async function lifecycle(context: BehaviourContext): Promise<void> {
  const { client, namespace, eventually } = context;
  const { pv, pvc } = await createPair(context, 'first');
  const label = (word: string) => ({ metadata: { labels: { [word]: 'yes' } } });
  assert.equal(
    (await client.patch(persistentVolumes, pv, 'merge', label('patched'))).metadata.labels?.['patched'],
    'yes',
  );
  assert.equal(
    (await client.patch(persistentVolumeClaims, pvc, 'merge', label('patched'))).metadata.labels?.['patched'],
    'yes',
  );
  const uids = [
    (await client.get(persistentVolumes, pv)).metadata.uid,
    (await client.get(persistentVolumeClaims, pvc)).metadata.uid,
  ];
  assert.ok(uids.every(Boolean));
  await client.delete(persistentVolumeClaims, pvc);
  await eventually('the claim is gone', () => isGone(client, persistentVolumeClaims, pvc));
  await client.delete(persistentVolumes, pv);
  await eventually('the volume is gone', () => isGone(client, persistentVolumes, pv));

  const again = await createPair(context, 'second');
  const volume = await change(client, persistentVolumes, again.pv, ({ metadata }) => {
    metadata.labels = { ...metadata.labels, updated: 'yes' };
  });
  const claim = await change(client, persistentVolumeClaims, again.pvc, ({ metadata }) => {
    metadata.labels = { ...metadata.labels, updated: 'yes' };
  });
  assert.deepEqual([volume.metadata.labels?.['updated'], claim.metadata.labels?.['updated']], ['yes', 'yes']);
  await client.deleteCollection(persistentVolumeClaims, { namespace, ...again.selected });
  await eventually('the claim is gone', () => isGone(client, persistentVolumeClaims, again.pvc));
  await client.deleteCollection(persistentVolumes, again.selected);
  await eventually('the volume is gone', () => isGone(client, persistentVolumes, again.pv));
}

async function statuses(context: BehaviourContext): Promise<void> {
  const { client } = context;
  const { pv, pvc } = await createPair(context, 'changing');
  const options = { subresource: 'status' };
  assert.ok((await client.get(persistentVolumeClaims, pvc, 'status')).status?.phase);
  assert.ok((await client.get(persistentVolumes, pv, 'status')).status?.phase);

  const condition = (type: string) => ({ type, status: 'True' as const, reason: 'E2E', message: 'set' });
  const typesOf = async () =>
    (await client.get(persistentVolumeClaims, pvc)).status?.conditions?.map(({ type }) => type);
  const conditions = [condition('StatusPatched')];
  await client.patch(persistentVolumeClaims, pvc, 'strategic', { status: { conditions } }, options);
  assert.deepEqual(await typesOf(), ['StatusPatched']);
  const reported = { message: 'StatusPatched', reason: 'E2E patchStatus' };
  await client.patch(persistentVolumes, pv, 'strategic', { status: reported }, options);
  const said = async () => {
    const { status } = await client.get(persistentVolumes, pv);
    return { message: status?.message, reason: status?.reason };
  };
  assert.deepEqual(await said(), reported);

  await change(
    client,
    persistentVolumeClaims,
    pvc,
    (persistentVolumeClaim) => {
      persistentVolumeClaim.status = {
        ...persistentVolumeClaim.status,
        conditions: [condition('StatusUpdated')],
      };
    },
    'status',
  );
  assert.deepEqual(await typesOf(), ['StatusUpdated']);
  const later = { message: 'StatusUpdated', reason: 'E2E updateStatus' };
  await change(
    client,
    persistentVolumes,
    pv,
    (persistentVolume) => {
      persistentVolume.status = { ...persistentVolume.status, ...later };
    },
    'status',
  );
  assert.deepEqual(await said(), later);
}

const prefix = '[sig-storage] PersistentVolumes CSI Conformance should';

export const persistentVolumesArea: readonly Behaviour[] = [
  behaviour(`${prefix} run through the lifecycle of a PV and a PVC [Conformance]`, lifecycle),
  behaviour(`${prefix} apply changes to a pv/pvc status [Conformance]`, statuses),
];

/** Claims and volumes find each other through the API. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { persistentVolumeClaims, persistentVolumes, storageClasses } from '#api/generated/kinds.gen.ts';
import type { PersistentVolumeClaim, PersistentVolumeSpec } from '#api/generated/types.gen.ts';
import { type ControlledCluster, withControllers } from '#testing/controllers/controlled-cluster.ts';
import { persistentVolumeBinder } from './binder.ts';

const namespace = 'default';
const resources = { requests: { storage: '1Gi' } };

function makeClaim({ client }: ControlledCluster, name: string, spec: PersistentVolumeClaim['spec'] = {}) {
  const whole = { accessModes: ['ReadWriteOnce'], storageClassName: '', resources, ...spec };
  return client.create(persistentVolumeClaims, { metadata: { name, namespace }, spec: whole });
}

function makeVolume({ client }: ControlledCluster, name: string, spec: PersistentVolumeSpec = {}) {
  const whole = {
    accessModes: ['ReadWriteOnce'],
    capacity: { storage: '1Gi' },
    hostPath: { path: `/tmp/${name}` },
    ...spec,
  };
  return client.create(persistentVolumes, { metadata: { name }, spec: whole });
}

function untilClaim({ client, eventually }: ControlledCluster, name: string, phase: string) {
  return eventually(`claim ${name} is ${phase}`, async () => {
    const claim = await client.get(persistentVolumeClaims, { namespace, name });
    return claim.status?.phase === phase && claim;
  });
}

function untilVolume({ client, eventually }: ControlledCluster, name: string, phase: string) {
  return eventually(`volume ${name} is ${phase}`, async () => {
    const volume = await client.get(persistentVolumes, { name });
    return volume.status?.phase === phase && volume;
  });
}

const withBinder = (body: (cluster: ControlledCluster) => Promise<void>) =>
  withControllers([persistentVolumeBinder], body);

test('a claim – a volume appears later, and another – bound to the first, without waiting for the resync', () =>
  withBinder(async (cluster) => {
    await makeClaim(cluster, 'c');
    await cluster.clock.advance(100);
    await makeVolume(cluster, 'v');
    await makeVolume(cluster, 'w');
    await cluster.clock.advance(1_000);
    const claim = await untilClaim(cluster, 'c', 'Bound');
    assert.equal(claim.spec?.volumeName, 'v');
    assert.deepEqual(claim.metadata.annotations, {
      'pv.kubernetes.io/bind-completed': 'yes',
      'pv.kubernetes.io/bound-by-controller': 'yes',
    });
    assert.deepEqual(claim.status?.capacity, { storage: '1Gi' });
    const volume = await untilVolume(cluster, 'v', 'Bound');
    assert.equal(volume.spec?.claimRef?.uid, claim.metadata.uid);
    await untilVolume(cluster, 'w', 'Available');
    assert.deepEqual(await cluster.events(), [
      'FailedBinding no persistent volumes available for this claim and no storage class is set',
    ]);
  }));

test('twenty claims and twenty volumes at once – each volume has one claim', () =>
  withBinder(async (cluster) => {
    const names = Array.from({ length: 20 }, (_, i) => `x${i}`);
    await Promise.all(names.flatMap((name) => [makeClaim(cluster, name), makeVolume(cluster, name)]));
    const claims = await Promise.all(names.map((name) => untilClaim(cluster, name, 'Bound')));
    assert.equal(new Set(claims.map(({ spec }) => spec?.volumeName)).size, 20);
  }));

test('a bound claim – deleted – its volume is released, and keeps its claim’s UID', () =>
  withBinder(async (cluster) => {
    await makeVolume(cluster, 'v', { claimRef: { namespace, name: 'c' } });
    await untilVolume(cluster, 'v', 'Available');
    const claim = await makeClaim(cluster, 'c');
    await untilClaim(cluster, 'c', 'Bound');
    await cluster.client.delete(persistentVolumeClaims, { namespace, name: 'c' });
    const volume = await untilVolume(cluster, 'v', 'Released');
    assert.equal(volume.spec?.claimRef?.uid, claim.metadata.uid);
    await makeClaim(cluster, 'c');
    await cluster.clock.advance(20_000);
    await untilClaim(cluster, 'c', 'Pending');
  }));

test('a bound claim – its volume deleted – it is lost', () =>
  withBinder(async (cluster) => {
    await makeVolume(cluster, 'v');
    await makeClaim(cluster, 'c', { volumeName: 'v' });
    await untilClaim(cluster, 'c', 'Bound');
    await cluster.client.delete(persistentVolumes, { name: 'v' });
    await untilClaim(cluster, 'c', 'Lost');
    assert.deepEqual(await cluster.events(), [
      'ClaimLost Bound claim has lost its PersistentVolume. Data on the volume is lost!',
    ]);
  }));

test('a claim without a class – a default class appears – gets it, and its provisioner is asked', () =>
  withBinder(async (cluster) => {
    const { client } = cluster;
    await client.create(persistentVolumeClaims, {
      metadata: { name: 'c', namespace },
      spec: { accessModes: ['ReadWriteOnce'], resources },
    });
    await cluster.clock.advance(100);
    await client.create(storageClasses, {
      metadata: { name: 'fast', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      provisioner: 'example.com/disks',
    });
    const claim = await cluster.eventually('the provisioner is asked', async () => {
      const claim = await client.get(persistentVolumeClaims, { namespace, name: 'c' });
      return claim.metadata.annotations?.['volume.kubernetes.io/storage-provisioner'] !== undefined && claim;
    });
    assert.equal(claim.spec?.storageClassName, 'fast');
    const uid = claim.metadata.uid;
    await makeVolume(cluster, `pvc-${uid}`, {
      storageClassName: 'fast',
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name: 'c', uid },
    });
    const bound = await untilClaim(cluster, 'c', 'Bound');
    assert.equal(bound.spec?.volumeName, `pvc-${uid}`);
  }));

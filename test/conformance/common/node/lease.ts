/** Leases as objects. */

import assert from 'node:assert/strict';
import { leases } from '#api/generated/kinds.gen.ts';
import { type Behaviour, behaviour } from '../../behaviour.ts';
import { change, isGone } from '../../shared/workloads.ts';

export const lease: readonly Behaviour[] = [
  behaviour('[sig-node] Lease lease API should be available [Conformance]', async ({ client, namespace }) => {
    const key = { namespace, name: 'held' };
    const times = { acquireTime: '2026-01-01T00:00:00.000005Z', renewTime: '2026-01-01T00:00:05.000010Z' };
    const spec = { holderIdentity: 'holder', leaseDurationSeconds: 30, leaseTransitions: 0, ...times };
    await client.create(leases, { metadata: key, spec });
    assert.deepEqual((await client.get(leases, key)).spec, spec);
    const later = {
      ...spec,
      holderIdentity: 'holder2',
      leaseTransitions: 1,
      renewTime: '2026-01-01T00:01:00.000000Z',
    };
    await change(client, leases, key, (object) => {
      object.spec = later;
    });
    assert.deepEqual((await client.get(leases, key)).spec, later);
    await client.patch(leases, key, 'strategic', { spec: { holderIdentity: 'holder3' } });
    assert.deepEqual((await client.get(leases, key)).spec, { ...later, holderIdentity: 'holder3' });
    await client.create(leases, {
      metadata: { namespace, name: 'other', labels: { deletecollection: 'true' } },
    });
    assert.equal((await client.list(leases, { namespace })).items.length, 2);
    await client.deleteCollection(leases, { namespace, labelSelector: 'deletecollection=true' });
    const left = (await client.list(leases, { namespace })).items;
    assert.deepEqual(
      left.map(({ metadata }) => metadata.name),
      ['held'],
    );
    await client.delete(leases, key);
    assert.ok(await isGone(client, leases, key));
  }),
];

/** Devices of a pod that is being bound, against an API server: written, waited for, and taken back. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimFinalizer } from '#api/devices/names.ts';
import { namespaces, pods, resourceClaims } from '#api/generated/kinds.gen.ts';
import type { AllocationResult } from '#api/generated/types.gen.ts';
import type { Client } from '#client/client.ts';
import { allocationOf, storedDeviceClaim } from '#testing/objects/devices.ts';
import { TestDevices } from '#testing/scheduling/devices.ts';
import { makePod } from '#testing/scheduling/objects.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { NodeInfo } from '../../cache/node-info.ts';
import { PodInfo } from '../../cache/pod-info.ts';
import { ClaimReservation } from './claim-reservation.ts';
import type { Claim } from './claims-of-pod.ts';
import { ExtendedDemand } from './extended-demand.ts';

const at = { namespace: 'default', name: 'c' };
const pod = makePod({ name: 'p' });
const consumer = { resource: 'pods', name: 'p', uid: 'default/p' };
const allocation = allocationOf('a', '0');
const [result] = allocation.devices?.results ?? [];
const toPrepare: AllocationResult = {
  devices: {
    results: [{ ...result!, bindingConditions: ['Attached'], bindingFailureConditions: ['Broken'] }],
  },
};

interface Setting {
  readonly client: Client;
  readonly test: TestDevices;
  readonly claim: Claim;
  readonly clock: VirtualClock;
  reservation(given?: AllocationResult, claim?: Claim): ClaimReservation;
}

async function withClaim(body: (setting: Setting) => Promise<void>): Promise<void> {
  await using api = await startTestServer();
  const { client } = api;
  await client.create(namespaces, { metadata: { name: 'default' } });
  const { spec } = storedDeviceClaim('c');
  const claim = await client.create(resourceClaims, { metadata: at, spec });
  const clock = new VirtualClock();
  const devices = new TestDevices({ claims: [claim], clock });
  const reservation = (given?: AllocationResult, of = claim) =>
    new ClaimReservation({
      pod,
      node: 'a',
      claims: [of],
      allocations: new Map(given ? [[of, given]] : []),
      extended: undefined,
      devices: devices.devices,
      bindingTimeoutMs: 600_000,
    });
  await body({ client, test: devices, claim, clock, reservation });
}

test('a claim that is allocated – before the binding – gets finalizer, allocation and consumer', () =>
  withClaim(async ({ client, test: { devices }, claim, reservation }) => {
    const held = reservation(allocation);
    assert.equal(devices.isBeingAllocated(claim.metadata.uid), true);
    await held.write(client);
    const { metadata, status } = await client.get(resourceClaims, at);
    assert.deepEqual(metadata.finalizers, [claimFinalizer]);
    assert.deepEqual(status, {
      allocation: { ...allocation, allocationTimestamp: '2026-01-01T00:00:00Z' },
      reservedFor: [consumer],
    });
    assert.equal(devices.isBeingAllocated(claim.metadata.uid), false);
    held.release();
    // The informer has not shown it yet.
    assert.equal(devices.allocated.isTaken('gpu.example.com/a/0'), true);
  }));

test('a claim that another client changes meanwhile – is written again', () =>
  withClaim(async ({ client, reservation }) => {
    const held = reservation(allocation);
    await client.patch(resourceClaims, at, 'merge', { metadata: { labels: { changed: 'yes' } } });
    await held.write(client);
    const { metadata, status } = await client.get(resourceClaims, at);
    assert.deepEqual([metadata.labels, status?.reservedFor], [{ changed: 'yes' }, [consumer]]);
  }));

test('a claim that another scheduler allocates meanwhile – fails', () =>
  withClaim(async ({ client, claim, reservation }) => {
    const held = reservation(allocation);
    await client.updateStatus(resourceClaims, { ...claim, status: { allocation: allocationOf('b', '0') } });
    const reason = 'claim default/c got allocated elsewhere in the meantime';
    await assert.rejects(held.write(client), new Error(reason));
  }));

test('a claim that has been deallocated meanwhile – fails', () =>
  withClaim(async ({ client, claim, reservation }) => {
    const allocated = { ...claim, status: { allocation } };
    const held = reservation(undefined, allocated);
    await client.patch(resourceClaims, at, 'merge', { metadata: { labels: { changed: 'yes' } } });
    const reason = 'claim default/c got deallocated elsewhere in the meantime';
    await assert.rejects(held.write(client), new Error(reason));
  }));

test('a pod that could not be bound – its claim – stays allocated, without the pod', () =>
  withClaim(async ({ client, reservation }) => {
    const held = reservation(allocation);
    await held.write(client);
    await held.undo(client);
    const { status } = await client.get(resourceClaims, at);
    assert.deepEqual([status?.reservedFor ?? [], status?.allocation?.devices], [[], allocation.devices]);
  }));

interface Waited {
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  readonly ms: number;
  readonly outcome: string;
}

const waits: Record<string, Waited> = {
  'no conditions yet': { ms: 60_000, outcome: 'waiting' },
  'its condition is met': { conditions: [{ type: 'Attached', status: 'True' }], ms: 5_000, outcome: 'ready' },
  'its condition is not met': {
    conditions: [{ type: 'Attached', status: 'False' }],
    ms: 60_000,
    outcome: 'waiting',
  },
  'its preparation fails': {
    conditions: [{ type: 'Broken', status: 'True' }],
    ms: 5_000,
    outcome: 'device binding failed: claim=c, reason=Said, message="by the driver"',
  },
  'the timeout passes': { ms: 605_000, outcome: 'device binding timeout: context deadline exceeded' },
};
for (const [title, { conditions, ms, outcome }] of Object.entries(waits)) {
  test(`a device that must be prepared – ${title} – ${outcome}`, () =>
    withClaim(async ({ client, test: devices, clock, reservation }) => {
      const held = reservation(toPrepare);
      await held.write(client);
      const events: string[] = [];
      const report = (reason: string, message: string) => void events.push(`${reason} ${message}`);
      let seen = 'waiting';
      const { signal } = new AbortController();
      void held.settled({ clock, signal, report, isPodWaiting: () => true }).then(
        () => (seen = 'ready'),
        (error: Error) => (seen = error.message),
      );
      const claim = await client.get(resourceClaims, at);
      const said = { reason: 'Said', message: 'by the driver', lastTransitionTime: '2026-01-01T00:00:00Z' };
      const status = { ...result!, conditions: (conditions ?? []).map((each) => ({ ...each, ...said })) };
      const { driver, pool, device } = status;
      const prepared = [{ driver, pool, device, conditions: status.conditions }];
      devices.show({ ...claim, status: { ...claim.status, ...(conditions ? { devices: prepared } : {}) } });
      await clock.advance(ms);
      assert.equal(seen, outcome);
      assert.deepEqual(events, [
        'BindingConditionsPending waiting for binding conditions for device on node a',
      ]);
    }));
}

test('extended resources – before the binding – get a claim, which the pod’s status names; undone, it is gone', () =>
  withClaim(async ({ client, test: { devices } }) => {
    const spec = {
      containers: [
        {
          name: 'c',
          image: 'i',
          resources: { requests: { 'example.com/gpu': '1' }, limits: { 'example.com/gpu': '1' } },
        },
      ],
    };
    const created = await client.create(pods, { metadata: { name: 'extended', namespace: 'default' }, spec });
    const info = new PodInfo(created);
    const demand = new ExtendedDemand(info, new Map([['example.com/gpu', 'gpu']]), () => 'before');
    const node = new NodeInfo('a');
    const made = demand.claimFor(node);
    assert.ok(made);
    const request = 'container-0-request-0';
    const given = { devices: { results: [{ ...result!, request }] } };
    const held = new ClaimReservation({
      pod: info,
      node: 'a',
      claims: [],
      allocations: new Map([[made.claim, given]]),
      extended: made,
      devices,
      bindingTimeoutMs: 600_000,
    });
    await held.write(client);
    const { status } = await client.get(pods, { namespace: 'default', name: 'extended' });
    const name = status?.extendedResourceClaimStatus?.resourceClaimName ?? '';
    assert.match(name, /^extended-extended-resources-/);
    assert.deepEqual(status?.extendedResourceClaimStatus?.requestMappings, [
      { containerName: 'c', resourceName: 'example.com/gpu', requestName: request },
    ]);
    const claim = await client.get(resourceClaims, { namespace: 'default', name });
    assert.equal(claim.metadata.annotations?.['resource.kubernetes.io/extended-resource-claim'], 'true');
    assert.deepEqual(claim.status?.allocation?.devices, given.devices);
    held.release();
    // No informer has shown the claim.
    assert.equal(devices.allocated.isTaken('gpu.example.com/a/0'), true);
    await held.undo(client);
    const left = (await client.list(resourceClaims, { namespace: 'default' })).items;
    assert.deepEqual(
      left.map(({ metadata }) => metadata.name),
      ['c'],
    );
  }));

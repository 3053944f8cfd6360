/**
 * Allocation against the structured allocator of upstream: the inputs of its own tests, with all features that
 * are on by default, and what it answers to each.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SelectorCache } from '#api/devices/selector.ts';
import type { AllocationResult, DeviceClass, ResourceV1ResourceClaim } from '#api/generated/types.gen.ts';
import { upstreamTable } from '#testing/upstream-table.ts';
import { AllocatedDevices } from './allocated-devices.ts';
import { type Allocation, type AllocatorParts, allocate } from './allocator.ts';
import type { Slice } from './pool.ts';
import { type DeviceNode, SliceIndex } from './slice-index.ts';

interface Row {
  readonly name: string;
  readonly claims?: readonly ResourceV1ResourceClaim[];
  readonly classes?: readonly DeviceClass[];
  readonly slices?: readonly Slice[];
  readonly node: DeviceNode;
  /** `driver/pool/device`. */
  readonly allocated?: readonly string[];
  /** `driver/pool/device/share`. */
  readonly shared?: readonly string[];
  readonly capacity?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly results?: readonly AllocationResult[];
  readonly error?: string;
  /** Steps of upstream's search. */
  readonly invocations: number;
}

const shareId = 'aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa';

function partsOf({
  classes = [],
  slices = [],
  allocated = [],
  shared = [],
  capacity = {},
}: Row): AllocatorParts {
  const devices = new AllocatedDevices();
  const results = allocated.map((id) => resultOf(id));
  results.push(...shared.map((id) => resultOf(id)));
  results.push(
    ...Object.entries(capacity).map(([id, consumedCapacity]) => ({
      ...resultOf(`${id}/sum`),
      consumedCapacity,
    })),
  );
  devices.add({ devices: { results } });
  return {
    slices: new SliceIndex(slices),
    allocated: devices,
    deviceClass: (name) => classes.find(({ metadata }) => metadata?.name === name),
    selectors: new SelectorCache(10),
    newShareId: () => shareId,
  };
}

function resultOf(id: string) {
  const [driver = '', pool = '', device = '', shareID] = id.split('/');
  return { request: '', driver, pool, device, ...(shareID ? { shareID } : {}) };
}

function answer(row: Row): { results?: readonly AllocationResult[]; error?: string; steps?: number } {
  const search = allocate(row.claims ?? [], row.node, partsOf(row));
  try {
    for (;;) {
      const { done, value } = search.next();
      if (!done) continue;
      const { results: made, reason, steps } = value as Allocation;
      const results = made?.() ?? [];
      return { ...(results.length > 0 ? { results } : {}), ...(reason ? { error: reason } : {}), steps };
    }
  } catch (error) {
    return { error: (error as Error).message };
  }
}

/** The lister of classes in upstream's tests says another reason for a missing class than its API server does. */
const notFound = /(could not retrieve device class (\S+):) .*/;

for (const row of upstreamTable<Row>('device-allocation.jsonl')) {
  test(`devices – ${row.name} – are allocated as by upstream`, () => {
    const { steps, ...actual } = answer(row);
    const error = row.error?.replace(notFound, '$1 deviceclass.resource.k8s.io "$2" not found');
    assert.deepEqual(actual, {
      ...(row.results ? { results: row.results } : {}),
      ...(error ? { error } : {}),
    });
    if (steps !== undefined) assert.equal(steps, row.invocations);
  });
}

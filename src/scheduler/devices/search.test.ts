/** How long a search goes on before it stops, and what it keeps. What it finds: allocator.test.ts. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SelectorCache } from '#api/devices/selector.ts';
import type { DeviceClass, ExactDeviceRequest, ResourceV1ResourceClaim } from '#api/generated/types.gen.ts';
import { AllocatedDevices } from './allocated-devices.ts';
import { allocate } from './allocator.ts';
import type { Slice } from './pool.ts';
import type { Searching } from './searching.ts';
import { SliceIndex } from './slice-index.ts';

const devicesPerSlice = 128;
const deviceClass: DeviceClass = { metadata: { name: 'gpu' }, spec: {} };

function sliceOf(index: number, count: number): Slice {
  const names = Array.from({ length: devicesPerSlice }, (_, i) => `gpu-${index}-${i}`);
  return {
    metadata: { name: `slice-${index}` },
    spec: {
      driver: 'gpu.example.com',
      pool: { name: 'shared', generation: 1, resourceSliceCount: count },
      allNodes: true,
      devices: names.map((name) => ({ name })),
    },
  } as Slice;
}

function countedSelectors() {
  const cache = new SelectorCache(10);
  let evaluated = 0;
  const selectors = {
    get: (expression: string) => {
      const selector = cache.get(expression);
      return {
        matches: (...device: Parameters<typeof selector.matches>) => {
          evaluated++;
          return selector.matches(...device);
        },
      };
    },
  } as SelectorCache;
  return { selectors, evaluated: () => evaluated };
}

/** The most selectors that are evaluated between two stops, and the number of stops. */
function searchFor(request: Partial<ExactDeviceRequest>): { inRow: number; stops: number } {
  const exactly = { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1, ...request };
  const spec = { devices: { requests: [{ name: 'gpu', exactly }] } };
  const claim: ResourceV1ResourceClaim = { metadata: { name: 'claim', namespace: 'default' }, spec };
  const { selectors, evaluated } = countedSelectors();
  const slices = new SliceIndex([sliceOf(0, 2), sliceOf(1, 2)]);
  const parts = { slices, allocated: new AllocatedDevices(), deviceClass: () => deviceClass, selectors };
  const search = allocate([claim], { name: 'node', labels: {} }, { ...parts, newShareId: () => '' });
  let [inRow, stops] = [0, 0];
  for (let before = 0; !search.next().done; before = evaluated()) {
    stops++;
    inRow = Math.max(inRow, evaluated() - before);
  }
  return { inRow, stops };
}

const never = [{ cel: { expression: 'device.driver == "none.example.com"' } }];
const always = [{ cel: { expression: 'true' } }];

for (const [name, request] of Object.entries({
  'one of devices of which none matches': { selectors: never },
  'all devices': { allocationMode: 'All', selectors: never },
  'devices that match two selectors': { count: 20, selectors: [...always, ...never] },
})) {
  test(`search – for ${name} – stops after each selector`, () => {
    const { inRow, stops } = searchFor(request);
    assert.equal(inRow, 1);
    assert.ok(stops >= 2 * devicesPerSlice, String(stops));
  });
}

test('slices – for all nodes – are candidates that the nodes share', () => {
  const slices = new SliceIndex([sliceOf(0, 1)]);
  const candidatesFor = (name: string) => ended(slices.devicesFor({ name, labels: {} })).candidates;
  const candidates = candidatesFor('a');
  assert.equal(candidates.length, devicesPerSlice);
  assert.equal(candidatesFor('b'), candidates);
});

function ended<T>(search: Searching<T>): T {
  for (;;) {
    const { done, value } = search.next();
    if (done) return value;
  }
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoint, EndpointSlice } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { layOutSlices, type SliceInput } from './slice-layout.ts';

const ports = [{ name: '', port: 80, protocol: 'TCP' }];
const range = (from: number, to: number, ready = true): Endpoint[] =>
  Array.from({ length: to - from }, (_, i) => ({ addresses: [`10.0.0.${from + i}`], conditions: { ready } }));

function slice(name: string, endpoints: Endpoint[]): Stored<EndpointSlice> {
  return {
    metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: '', labels: { app: 'web' } },
    addressType: 'IPv4',
    ports,
    endpoints,
  };
}

function layOut(existing: Stored<EndpointSlice>[], endpoints: Endpoint[]) {
  const input: SliceInput = {
    existing,
    groups: [{ addressType: 'IPv4', ports: endpoints.length > 0 ? ports : [], endpoints }],
    metadata: { generateName: 'web-', labels: { app: 'web' } },
    triggerTime: { annotation: 'time', value: undefined },
    endpointsMax: 10,
  };
  const { create, update, delete: gone } = layOutSlices(input);
  return {
    create: create.map((endpointSlice) => endpointSlice.endpoints?.length),
    update: update.map(
      (endpointSlice) => `${endpointSlice.metadata.name} ${endpointSlice.endpoints?.length}`,
    ),
    delete: gone.map((endpointSlice) => endpointSlice.metadata.name),
  };
}

test('endpoints – spread over slices – with as few writes as possible', () => {
  const none = { create: [], update: [], delete: [] };
  assert.deepEqual(layOut([], range(0, 25)), { ...none, create: [10, 10, 5] });
  assert.deepEqual(layOut([], []), { ...none, create: [0] }, 'a service without pods has an empty slice');
  assert.deepEqual(layOut([slice('a', range(0, 5))], range(0, 5)), none);
  assert.deepEqual(layOut([slice('a', range(0, 5))], range(0, 5, false)), { ...none, update: ['a 5'] });
  assert.deepEqual(
    layOut([slice('a', range(0, 9)), slice('b', range(20, 25))], [...range(0, 9), ...range(20, 28)]),
    { ...none, update: ['b 8'] },
    'what is new goes where all of it fits',
  );
  assert.deepEqual(
    layOut([slice('a', range(0, 9)), slice('b', range(20, 25))], [...range(1, 12), ...range(20, 25)]),
    { ...none, update: ['a 10', 'b 6'] },
    'first into a slice that changes anyway',
  );
  assert.deepEqual(layOut([slice('a', range(0, 3)), slice('b', range(5, 7))], range(0, 3)), {
    ...none,
    delete: ['b'],
  });
  assert.deepEqual(
    layOut([slice('a', range(0, 3))], []),
    { ...none, update: ['a 0'] },
    'the last slice is emptied, not deleted',
  );
});

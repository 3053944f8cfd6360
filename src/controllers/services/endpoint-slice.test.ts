import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endpointSlices, nodes, pods, services } from '#api/generated/kinds.gen.ts';
import type { EndpointSlice, Service } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { backends, webService, zoned } from '#testing/objects/services.ts';
import { longAgo, storedMetadata, storedNode } from '#testing/objects.ts';
import { endpointSlice, sliceGroups } from './endpoint-slice.ts';

test('slices – they say ready, serving and terminating, and where the endpoint is', () => {
  const [group] = sliceGroups(webService({ trafficDistribution: 'PreferClose' }), backends, () => zoned);
  assert.deepEqual(group?.ports, [{ name: 'http', port: 8080, protocol: 'TCP' }]);
  assert.deepEqual(
    group?.endpoints.map(({ conditions }) => conditions),
    [
      { ready: true, serving: true, terminating: false },
      { ready: false, serving: false, terminating: false },
      { ready: false, serving: true, terminating: true },
    ],
  );
  assert.equal(group?.endpoints[0]?.zone, 'z1');
  assert.deepEqual(group?.endpoints[0]?.hints, { forZones: [{ name: 'z1' }] });
  assert.deepEqual(
    sliceGroups(webService({ ipFamilies: ['IPv6'] }), backends, () => zoned),
    [{ addressType: 'IPv6', ports: [], endpoints: [] }],
  );
});

test('pods of an unknown node – they are left out, unless all are to be published', () => {
  const count = (object: Stored<Service>) =>
    sliceGroups(object, backends, () => undefined)[0]?.endpoints.length;
  assert.equal(count(webService()), 0);
  assert.equal(count(webService({ publishNotReadyAddresses: true })), 3);
});

function slice(name: string, managedBy = 'endpointslice-controller.k8s.io'): Stored<EndpointSlice> {
  const labels = {
    'kubernetes.io/service-name': 'web',
    'endpointslice.kubernetes.io/managed-by': managedBy,
  };
  return {
    metadata: storedMetadata(name, { namespace: 'default', labels }),
    addressType: 'IPv4',
    endpoints: [],
  };
}

const created = ['together expected', '  create EndpointSlice default/web-*'];

test('a service without slices – one is created, and none while the view is not current', async () => {
  const controller = new DryController(endpointSlice).put(services, webService());
  assert.deepEqual(await controller.printed('default/web'), created);
  assert.deepEqual(await controller.printed('default/web', false), []);
});

const unserved: [string, Stored<Service>][] = [
  ['without a selector', webService({ selector: {} })],
  ['that is an alias', webService({ type: 'ExternalName' })],
  ['that is being deleted', webService({}, { deletionTimestamp: longAgo })],
];
for (const [name, service] of unserved) {
  test(`a service ${name} – no slice`, async () => {
    const controller = new DryController(endpointSlice).put(services, service);
    assert.deepEqual(await controller.printed('default/web'), []);
  });
}

test('slices – changes of its own wake their service, those of another manager do not', () => {
  const controller = new DryController(endpointSlice).put(endpointSlices, slice('a'), slice('b', 'me'));
  assert.deepEqual(controller.woken(), ['default/web']);
  controller.remove(endpointSlices, slice('b', 'me'));
  assert.deepEqual(controller.woken(), []);
  controller.put(endpointSlices, slice('a', 'me'));
  assert.deepEqual(controller.woken(), ['default/web'], 'it was its own before');
});

test('a node that pods are on comes later – their services are looked at again', async () => {
  const controller = new DryController(endpointSlice).put(services, webService()).put(pods, ...backends);
  await controller.plan('default/web');
  controller.woken();
  controller.put(nodes, storedNode('other'));
  assert.deepEqual(controller.woken(), []);
  controller.put(nodes, storedNode('n1'));
  assert.deepEqual(controller.woken(), ['default/web']);
});

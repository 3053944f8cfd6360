import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endpointSlices, endpoints, services } from '#api/generated/kinds.gen.ts';
import type { EndpointSlice, Endpoints, Service } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { withControllers } from '#testing/controllers/controlled-cluster.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { webService } from '#testing/objects/services.ts';
import { storedMetadata } from '#testing/objects.ts';
import { endpointSliceMirroring, mirroredGroups } from './endpoint-slice-mirroring.ts';

const byHand = webService({ selector: {} });

function source(more: object = {}, addressCount = 1): Stored<Endpoints> {
  const addresses = Array.from({ length: addressCount }, (_, i) => ({ ip: `192.0.${i >> 8}.${i & 255}` }));
  return {
    metadata: storedMetadata('web', { namespace: 'default', ...more }),
    subsets: [{ addresses, ports: [{ port: 8080, protocol: 'TCP' }] }],
  };
}

const mirror: Stored<EndpointSlice> = {
  metadata: storedMetadata('web-x', {
    namespace: 'default',
    labels: {
      'kubernetes.io/service-name': 'web',
      'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io',
    },
  }),
  addressType: 'IPv4',
  endpoints: [],
};

const created = ['together expected', '  create EndpointSlice default/web-*'];
const removed = ['delete EndpointSlice default/web-x'];
const rows: [string, Stored<Service> | undefined, Stored<Endpoints> | undefined, string[]][] = [
  ['of a service without selector', byHand, source(), created],
  ['of a service with a selector', webService(), source(), removed],
  ['without a service', undefined, source(), removed],
  ['that are gone', byHand, undefined, removed],
  [
    'that are not to be mirrored',
    byHand,
    source({ labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } }),
    removed,
  ],
  [
    'that are a lock',
    byHand,
    source({ annotations: { 'control-plane.alpha.kubernetes.io/leader': '' } }),
    removed,
  ],
];
for (const [name, service, object, expected] of rows) {
  test(`Endpoints ${name} – ${expected.at(-1)?.trim()}`, async () => {
    const controller = new DryController(endpointSliceMirroring);
    if (service) controller.put(services, service);
    if (object) controller.put(endpoints, object);
    if (expected === removed) controller.put(endpointSlices, mirror);
    assert.deepEqual(await controller.printed('default/web'), expected);
  });
}

test('more than a thousand addresses of a subset – an event says how many are left out', async () => {
  const controller = new DryController(endpointSliceMirroring);
  controller.put(services, byHand).put(endpoints, source({}, 1002));
  const message =
    'A max of 1000 addresses can be mirrored to EndpointSlices per Endpoints subset. 2 addresses were skipped';
  assert.deepEqual(await controller.printed('default/web'), [
    `event Warning TooManyAddressesToMirror "${message}"`,
    ...created,
  ]);
  assert.equal(mirroredGroups(source({}, 1002).subsets ?? [])[0]?.endpoints.length, 1000);
});

test('addresses that are not ready – so are their endpoints', () => {
  const [group] = mirroredGroups([
    { addresses: [{ ip: '192.0.2.1' }], notReadyAddresses: [{ ip: '2001:db8::1' }] },
  ]);
  assert.deepEqual(group?.endpoints, [{ addresses: ['192.0.2.1'], conditions: { ready: true } }]);
});

const namespace = 'default';

test('hand-made Endpoints – they are mirrored while they are there', () =>
  withControllers([endpointSliceMirroring], async ({ client, eventually }) => {
    const ports = [{ port: 80, protocol: 'TCP' }];
    const subsets = [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 8080, protocol: 'TCP' }] }];
    // The Endpoints come before their service, as in some manifests: they must not be deleted as left over.
    await client.create(endpoints, { metadata: { name: 'ext', namespace }, subsets });
    await client.create(services, {
      metadata: { name: 'ext', namespace },
      spec: { ports, clusterIP: 'None' },
    });
    const slice = await eventually(
      'the mirror',
      async () => (await client.list(endpointSlices, { namespace })).items[0],
    );
    assert.deepEqual(slice.endpoints?.[0]?.addresses, ['192.0.2.1']);
    assert.equal(
      slice.metadata.labels?.['endpointslice.kubernetes.io/managed-by'],
      'endpointslicemirroring-controller.k8s.io',
    );
    await client.delete(endpoints, { namespace, name: 'ext' });
    await eventually(
      'no mirror',
      async () => (await client.list(endpointSlices, { namespace })).items.length === 0 || undefined,
    );
  }));

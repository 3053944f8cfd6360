import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endpointSlices, nodes } from '#api/generated/kinds.gen.ts';
import type { EndpointSlice, Node } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { storedMetadata, storedNode } from '#testing/objects.ts';
import { dnsAddressAnnotation, dnsEndpointSlice, dnsEndpoints } from './dns-endpoint-slice.ts';

function dnsNode(name: string, address: string | undefined, ready = 'True', zone?: string): Stored<Node> {
  const annotations: Record<string, string> = address ? { [dnsAddressAnnotation]: address } : {};
  const labels: Record<string, string> = zone ? { 'topology.kubernetes.io/zone': zone } : {};
  return {
    ...storedNode(name, { metadata: { annotations, labels } }),
    status: { conditions: [{ type: 'Ready', status: ready }] },
  };
}

const answering = { ready: true, serving: true, terminating: false };
const away = { ready: false, serving: false, terminating: false };

const rows: readonly [string, Node[], ReturnType<typeof dnsEndpoints>][] = [
  ['no node', [], []],
  ['a node without DNS', [dnsNode('a', undefined)], []],
  [
    'a ready node',
    [dnsNode('a', '10.0.0.1')],
    [{ addresses: ['10.0.0.1'], conditions: answering, nodeName: 'a', hints: { forNodes: [{ name: 'a' }] } }],
  ],
  [
    'a node that is not ready, whose kubelet is heard of',
    [dnsNode('a', '10.0.0.1', 'False')],
    [{ addresses: ['10.0.0.1'], conditions: answering, nodeName: 'a', hints: { forNodes: [{ name: 'a' }] } }],
  ],
  [
    'a node that is away, and one in a zone',
    [dnsNode('b', '10.0.0.2', 'Unknown'), dnsNode('a', '10.0.0.1', 'True', 'z1')],
    [
      {
        addresses: ['10.0.0.1'],
        conditions: answering,
        nodeName: 'a',
        zone: 'z1',
        hints: { forZones: [{ name: 'z1' }], forNodes: [{ name: 'a' }] },
      },
      { addresses: ['10.0.0.2'], conditions: away, nodeName: 'b' },
    ],
  ],
];

for (const [title, all, expected] of rows) {
  test(`endpoints of DNS – ${title} – are ${expected.length}`, () =>
    assert.deepEqual(dnsEndpoints(all), expected));
}

test('the slice of DNS – it is not there, is the same, or differs – is created, left, patched', async () => {
  const controller = new DryController(dnsEndpointSlice).put(nodes, dnsNode('a', '10.0.0.1'));
  assert.deepEqual(controller.woken(), ['kube-dns']);
  const [created = ''] = await controller.printed('kube-dns');
  assert.match(created, /^create EndpointSlice kube-system\/kube-dns/);
  const slice = (address: string): Stored<EndpointSlice> => ({
    metadata: storedMetadata('kube-dns', { namespace: 'kube-system' }),
    addressType: 'IPv4',
    ports: [
      { port: 53, protocol: 'UDP', name: 'dns' },
      { port: 53, protocol: 'TCP', name: 'dns-tcp' },
      { port: 9153, protocol: 'TCP', name: 'metrics' },
    ],
    endpoints: dnsEndpoints([dnsNode('a', address)]),
  });
  controller.put(endpointSlices, slice('10.0.0.1'));
  assert.deepEqual(await controller.printed('kube-dns'), []);
  controller.put(endpointSlices, slice('10.0.0.9'));
  assert.match(
    (await controller.printed('kube-dns'))[0] ?? '',
    /^patch EndpointSlice kube-system\/kube-dns .*10\.0\.0\.1/,
  );
});

test('a node – only its heartbeat changes – wakes nothing; it goes away and it does', () => {
  const controller = new DryController(dnsEndpointSlice).put(nodes, dnsNode('a', '10.0.0.1'));
  controller.woken();
  controller.put(nodes, dnsNode('a', '10.0.0.1'));
  assert.deepEqual(controller.woken(), []);
  controller.put(nodes, dnsNode('a', '10.0.0.1', 'Unknown'));
  assert.deepEqual(controller.woken(), ['kube-dns']);
});

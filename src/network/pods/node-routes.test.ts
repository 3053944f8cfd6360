import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node } from '#api/generated/types.gen.ts';
import { storedNode } from '#testing/objects.ts';
import { type NodeRoutes, nodeRoutes, type RoutesView } from './node-routes.ts';

const podRange = '10.244.0.0/16';

function withRange(name: string, address: string | undefined, podCIDR: string | undefined): Node {
  const addresses = address ? [{ type: 'InternalIP', address }] : [];
  const spec = podCIDR ? { podCIDR, podCIDRs: [podCIDR] } : {};
  return { ...storedNode(name, { spec }), status: { addresses } };
}

const self = withRange('b', '10.201.0.2', '10.244.1.0/24');
const onLink = { links: [{ range: '10.201.0.0/24', device: 'eth0' }], hosts: [] };

interface Row {
  readonly title: string;
  readonly nodes: readonly Node[];
  readonly reach?: RoutesView['reach'];
  readonly wanted: Partial<Omit<NodeRoutes, 'unreachable'>> & { unreachable?: Record<string, string> };
}

const rows: readonly Row[] = [
  { title: 'this node alone – no route', nodes: [self], wanted: {} },
  {
    title: 'a node on a common link – is its own next hop',
    nodes: [self, withRange('c', '10.201.0.3', '10.244.2.0/24')],
    wanted: {
      routes: [{ podCidr: '10.244.2.0/24', via: '10.201.0.3', device: 'eth0', source: '10.201.0.2' }],
      nearNodes: ['10.201.0.3'],
    },
  },
  {
    title:
      'a node whose address has a next hop of its own – is reached through that, also with an address of the pod range',
    nodes: [self, withRange('a', '10.244.0.1', '10.244.0.0/24')],
    reach: { ...onLink, hosts: [{ address: '10.244.0.1', via: '10.201.0.1', device: 'eth0' }] },
    wanted: {
      routes: [{ podCidr: '10.244.0.0/24', via: '10.201.0.1', device: 'eth0', source: '10.201.0.2' }],
      nearNodes: ['10.244.0.1'],
    },
  },
  {
    title: 'a node elsewhere – is reached through the tunnel',
    nodes: [self, withRange('c', '192.0.2.7', '10.244.2.0/24')],
    wanted: {
      routes: [{ podCidr: '10.244.2.0/24', via: '10.244.2.0', device: 'tun' }],
      peers: [{ node: '192.0.2.7', inner: '10.244.2.0', mac: '0a:6b:c0:00:02:07' }],
    },
  },
  {
    title: 'a node elsewhere with an address of the pod range – a tunnel to it would lead into itself',
    nodes: [self, withRange('a', '10.244.0.1', '10.244.0.0/24')],
    wanted: { unreachable: { a: 'its address 10.244.0.1 is one of the pod range' } },
  },
  {
    title: 'nodes without an address, without a range, simulated, with this address – have no pods to reach',
    nodes: [
      self,
      withRange('c', undefined, '10.244.2.0/24'),
      withRange('d', '10.201.0.4', undefined),
      withRange('e', '127.0.0.1', '10.244.3.0/24'),
      withRange('f', '10.201.0.2', '10.244.4.0/24'),
    ],
    wanted: {},
  },
  {
    title: 'ranges outside the pod range, all of it, or of another node – get no route',
    nodes: [
      self,
      withRange('c', '10.201.0.3', '0.0.0.0/0'),
      withRange('d', '10.201.0.4', podRange),
      withRange('e', '10.201.0.5', '10.96.0.0/24'),
      withRange('f', '10.201.0.6', '10.244.1.0/25'),
    ],
    wanted: {
      unreachable: {
        c: 'its pod range is not inside 10.244.0.0/16',
        d: 'its pod range is not inside 10.244.0.0/16',
        e: 'its pod range is not inside 10.244.0.0/16',
        f: 'its pod range is that of another node',
      },
    },
  },
];

for (const { title, nodes, reach = onLink, wanted } of rows) {
  test(`routes to nodes – ${title}`, () => {
    const own = { name: 'b', address: '10.201.0.2' };
    const found = nodeRoutes({ nodes, self: own, reach, podRange, tunnel: 'tun' });
    assert.deepEqual(
      { ...found, unreachable: Object.fromEntries(found.unreachable) },
      { routes: [], peers: [], nearNodes: [], unreachable: {}, ...wanted },
    );
  });
}

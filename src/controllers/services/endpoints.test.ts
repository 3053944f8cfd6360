import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoints, Node, Pod, Service, ServiceSpec } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { sliceGroups } from './endpoint-slice.ts';
import { packSubsets, truncateSubsets } from './endpoint-subsets.ts';
import { decideEndpoints } from './endpoints.ts';

const meta = (name: string) => ({
  name,
  namespace: 'default',
  uid: name,
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
});

function service(spec: Partial<ServiceSpec> = {}): Stored<Service> {
  return {
    metadata: { ...meta('web'), labels: { team: 'a' } },
    spec: {
      selector: { app: 'web' },
      clusterIP: '10.96.0.10',
      ipFamilies: ['IPv4'],
      ports: [{ name: 'http', port: 80, targetPort: 'http' }],
      ...spec,
    },
  };
}

function pod(name: string, ip: string, ready: boolean, deleting = false): Stored<Pod> {
  return {
    metadata: { ...meta(name), ...(deleting ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}) },
    spec: {
      nodeName: 'n1',
      containers: [{ name: 'c', ports: [{ name: 'http', containerPort: 8080 }] }],
      hostname: name,
      subdomain: 'web',
    },
    status: {
      phase: 'Running',
      podIP: ip,
      podIPs: [{ ip }],
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    },
  };
}

const zoned: Node = { metadata: { labels: { 'topology.kubernetes.io/zone': 'z1' } } };
const pods = [pod('a', '10.0.0.2', true), pod('b', '10.0.0.1', false), pod('c', '10.0.0.3', true, true)];

test('Endpoints hold ready and unready addresses with the named port found in the pod', () => {
  const [action] = decideEndpoints(service(), pods, undefined, '2026-01-01T00:00:00Z');
  assert.equal(action?.do, 'create');
  const object = action?.do === 'create' ? (action.object as Endpoints) : undefined;
  assert.deepEqual(object?.subsets, [
    {
      addresses: [
        {
          ip: '10.0.0.2',
          hostname: 'a',
          nodeName: 'n1',
          targetRef: { kind: 'Pod', namespace: 'default', name: 'a', uid: 'a' },
        },
      ],
      notReadyAddresses: [
        {
          ip: '10.0.0.1',
          hostname: 'b',
          nodeName: 'n1',
          targetRef: { kind: 'Pod', namespace: 'default', name: 'b', uid: 'b' },
        },
      ],
      ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    },
  ]);
  assert.deepEqual(object?.metadata?.labels, {
    team: 'a',
    'endpoints.kubernetes.io/managed-by': 'endpoint-controller',
  });
  const existing = { ...object, metadata: { ...object!.metadata, ...meta('web') } } as Stored<Endpoints>;
  assert.deepEqual(
    decideEndpoints(service(), pods, existing, undefined),
    [],
    'nothing to do the second time',
  );
});

test('a service that publishes unready addresses has them all as ready', () => {
  const [action] = decideEndpoints(service({ publishNotReadyAddresses: true }), pods, undefined, undefined);
  const object = action?.do === 'create' ? (action.object as Endpoints) : undefined;
  assert.deepEqual(
    object?.subsets?.[0]?.addresses?.map(({ ip }) => ip),
    ['10.0.0.1', '10.0.0.2', '10.0.0.3'],
  );
});

test('slices tell ready, serving and terminating, and where the endpoint is', () => {
  const [group] = sliceGroups(service({ trafficDistribution: 'PreferClose' }), pods, () => zoned);
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
    sliceGroups(service({ ipFamilies: ['IPv6'] }), pods, () => zoned),
    [{ addressType: 'IPv6', ports: [], endpoints: [] }],
  );
});

test('pods of a node nobody knows are left out, unless all are to be published', () => {
  const count = (one: Stored<Service>) => sliceGroups(one, pods, () => undefined)[0]?.endpoints.length;
  assert.equal(count(service()), 0);
  assert.equal(count(service({ publishNotReadyAddresses: true })), 3);
});

test('more than 1000 addresses are cut, the unready first', () => {
  const backend = (i: number, ready: boolean) => ({
    address: { ip: `10.0.${i >> 8}.${i & 255}` },
    ports: [{ port: 80 }],
    ready,
  });
  const many = Array.from({ length: 1200 }, (_, i) => backend(i, i % 2 === 0));
  const { subsets, isTruncated } = truncateSubsets(packSubsets(many));
  assert.equal(isTruncated, true);
  assert.deepEqual([subsets[0]?.addresses?.length, subsets[0]?.notReadyAddresses?.length], [600, 400]);
});

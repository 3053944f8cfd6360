/** The generation counts the updates that change what the kind counts as its spec. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namespaces } from '#api/generated/kinds.gen.ts';
import { startTestServer } from '#testing/server/test-server.ts';

const metadata = { name: 'a' };
const slice = {
  driver: 'd.example.com',
  nodeName: 'n',
  pool: { name: 'p', generation: 1, resourceSliceCount: 1 },
};
const device = { name: 'd' };
const webhook = {
  name: 'a.example.com',
  clientConfig: { url: 'https://127.0.0.1:1/x' },
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
};

/** What is created, what replaces it, and the generation after that. */
const rows: [what: string, path: string, object: object, changes: object, generation: number][] = [
  [
    'a policy with an empty list instead of none',
    '/apis/networking.k8s.io/v1/namespaces/ns/networkpolicies',
    { spec: { podSelector: {} } },
    { spec: { podSelector: {}, egress: [] } },
    2,
  ],
  [
    'webhooks with an empty list instead of none',
    '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
    { webhooks: [webhook] },
    { webhooks: [{ ...webhook, matchConditions: [] }] },
    2,
  ],
  [
    'a budget with an empty list instead of none',
    '/apis/policy/v1/namespaces/ns/poddisruptionbudgets',
    { spec: { selector: { matchLabels: { a: 'b' } } } },
    { spec: { selector: { matchLabels: { a: 'b' }, matchExpressions: [] } } },
    1,
  ],
  [
    'a slice with a field that is dropped',
    '/apis/resource.k8s.io/v1/resourceslices',
    { spec: { ...slice, devices: [device] } },
    { spec: { ...slice, devices: [{ ...device, nodeAllocatableResourceMappings: { a: {} } }] } },
    2,
  ],
  [
    'a slice of endpoints with a field that is dropped',
    '/apis/discovery.k8s.io/v1/namespaces/ns/endpointslices',
    { addressType: 'IPv4', endpoints: [{ addresses: ['192.0.2.7'] }] },
    { addressType: 'IPv4', endpoints: [{ addresses: ['192.0.2.7'], deprecatedTopology: { a: 'b' } }] },
    2,
  ],
  [
    'a driver with a field that is dropped',
    '/apis/storage.k8s.io/v1/csidrivers',
    { spec: {} },
    { spec: { preventPodSchedulingIfMissing: true } },
    0,
  ],
];

test('an update – of what its kind counts as a change – raises the generation', async () => {
  await using api = await startTestServer();
  const { client } = api;
  await client.create(namespaces, { metadata: { name: 'ns' } });
  for (const [what, path, object, changes, generation] of rows) {
    const created = (await client.raw('POST', path, { metadata, ...object })) as { metadata: object };
    const { metadata: now } = (await client.raw('PUT', `${path}/a`, {
      metadata: created.metadata,
      ...changes,
    })) as { metadata: { generation?: number } };
    assert.equal(now.generation ?? 0, generation, what);
  }
});

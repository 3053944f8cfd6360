/** Which updates increment the generation: as upstream's strategies compare. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AnyObject } from '#api/meta/object.ts';
import { startTestServer } from '#testing/server/test-server.ts';

const policies = '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies';
const slices = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices';
const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
const webhooks = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
const deviceSlices = '/apis/resource.k8s.io/v1/resourceslices';
const drivers = '/apis/storage.k8s.io/v1/csidrivers';
const metadata = { name: 'a', namespace: 'default' };
const endpoint = { addresses: ['192.0.2.7'] };
const webhook = {
  name: 'a.example.com',
  clientConfig: { url: 'https://127.0.0.1:1/x' },
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
};
const devices = {
  driver: 'd.example.com',
  nodeName: 'n',
  pool: { name: 'p', generation: 1, resourceSliceCount: 1 },
};
const device = { name: 'd' };

describe('an update – with an empty list in place of none, or with what is dropped – increments the generation where upstream counts it', () => {
  const cases: [title: string, url: string, created: object, updated: object, generation: number][] = [
    [
      'a network policy',
      policies,
      { spec: { podSelector: {} } },
      { spec: { podSelector: {}, egress: [] } },
      2,
    ],
    ['webhooks', webhooks, { webhooks: [webhook] }, { webhooks: [{ ...webhook, matchConditions: [] }] }, 2],
    [
      'a slice of devices with a field that is dropped',
      deviceSlices,
      { spec: { ...devices, devices: [device] } },
      { spec: { ...devices, devices: [{ ...device, nodeAllocatableResourceMappings: { a: {} } }] } },
      2,
    ],
    [
      'a driver with a field that is dropped: it has no generation',
      drivers,
      { spec: {} },
      { spec: { preventPodSchedulingIfMissing: true } },
      0,
    ],
    [
      'a slice with the old topology',
      slices,
      { addressType: 'IPv4', endpoints: [endpoint] },
      { addressType: 'IPv4', endpoints: [{ ...endpoint, deprecatedTopology: { a: 'b' } }] },
      2,
    ],
    [
      'a slice with an empty list',
      slices,
      { addressType: 'IPv4', endpoints: [endpoint] },
      { addressType: 'IPv4', endpoints: [{ ...endpoint, deprecatedTopology: {} }], ports: [] },
      1,
    ],
    [
      'a budget: an empty map is as none',
      budgets,
      { spec: { maxUnavailable: 1, selector: {} } },
      { spec: { maxUnavailable: 1, selector: { matchLabels: {}, matchExpressions: [] } } },
      1,
    ],
  ];
  for (const [title, url, created, updated, generation] of cases) {
    test(title, async () => {
      await using api = await startTestServer();
      await api.client.raw('POST', url, { metadata, ...created });
      const body = { metadata, ...updated };
      const current = (await api.client.raw('GET', `${url}/a`)) as AnyObject;
      const { resourceVersion } = current.metadata!;
      const versioned = { ...body, metadata: { ...metadata, resourceVersion } };
      const now = (await api.client.raw('PUT', `${url}/a`, versioned)) as AnyObject;
      assert.equal(now.metadata!.generation ?? 0, generation);
    });
  }
});

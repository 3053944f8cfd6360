/** Which updates increment the generation: as upstream's strategies compare. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AnyObject } from '#api/meta/object.ts';
import { startTestServer } from '#testing/server/test-server.ts';

const policies = '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies';
const slices = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices';
const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
const metadata = { name: 'a', namespace: 'default' };
const endpoint = { addresses: ['192.0.2.7'] };

describe('an update – with an empty list in place of none, or with what is dropped – increments the generation where upstream counts it', () => {
  const cases: [title: string, url: string, created: object, updated: object, generation: number][] = [
    [
      'a network policy',
      policies,
      { spec: { podSelector: {} } },
      { spec: { podSelector: {}, egress: [] } },
      2,
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
      assert.equal(now.metadata!.generation, generation);
    });
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MetricSpec } from '#api/generated/types.gen.ts';
import { notFound } from '#api/meta/status.ts';
import { parseLabelSelector } from '#api/selectors/selector.ts';
import type { ReadClient } from '#client/client.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { KindResources } from './kind-resources.ts';
import { MetricsApis } from './metrics-apis.ts';
import { Requests } from './requests.ts';

const target = { type: 'AverageValue', averageValue: '1' };
const metric = { name: 'qps', selector: { matchLabels: { a: 'b' } } };
const cpu: MetricSpec = { type: 'Resource', resource: { name: 'cpu', target } };
const ofContainer: MetricSpec = {
  type: 'ContainerResource',
  containerResource: { name: 'cpu', container: 'b', target },
};
const ofPods: MetricSpec = { type: 'Pods', pods: { metric, target } };
const ofObject = (apiVersion: string, kind: string): MetricSpec => ({
  type: 'Object',
  object: { metric, target, describedObject: { apiVersion, kind, name: 'o' } },
});
const external: MetricSpec = { type: 'External', external: { metric, target } };

const resources = '/apis/metrics.k8s.io/v1beta1/namespaces/n/pods?labelSelector=app%3Dw';
const custom = (version: string, at: string) => `/apis/custom.metrics.k8s.io/${version}/namespaces/n/${at}`;
const selected = 'metricLabelSelector=a%3Db';
const oldGroup = {
  versions: [{ version: 'v1' }, { version: 'v1beta1' }],
  preferredVersion: { version: 'v1' },
};
const group = { versions: [{ version: 'v1beta2' }], preferredVersion: { version: 'v1beta2' } };
const at = { timestamp: '2026-01-01T00:00:10Z', window: '30s' };
const atMs = Date.parse(at.timestamp);
const containers = (a: object, b: object) => [
  { name: 'a', usage: a },
  { name: 'b', usage: b },
];
const measured = (name: string, a: object, b: object) => ({
  metadata: { name },
  ...at,
  containers: containers(a, b),
});

interface Row {
  readonly what: string;
  readonly spec: MetricSpec;
  /** By path. */
  readonly answers: Readonly<Record<string, unknown>>;
  /** Pods with value, time and window; values; or the text of an error. */
  readonly expected: unknown;
}

const rows: readonly Row[] = [
  {
    what: 'use of whole pods',
    spec: cpu,
    answers: {
      [resources]: {
        items: [measured('p', { cpu: '100m' }, { cpu: '1500000n' }), measured('half', { cpu: '1' }, {})],
      },
    },
    expected: [['p', 102n, atMs, 30_000]],
  },
  {
    what: 'use of one container',
    spec: ofContainer,
    answers: {
      [resources]: {
        items: [measured('p', { cpu: '100m' }, { cpu: '7m' }), measured('q', { cpu: '1' }, {})],
      },
    },
    expected: [['p', 7n, atMs, 30_000]],
  },
  {
    what: 'another resource that is no quantity',
    spec: cpu,
    answers: { [resources]: { items: [measured('p', { cpu: '1', memory: 'much' }, { cpu: '1' })] } },
    expected:
      "unable to fetch metrics from resource metrics API: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  },
  {
    what: 'a window that is no duration',
    spec: cpu,
    answers: { [resources]: { items: [{ ...measured('p', { cpu: '1' }, { cpu: '1' }), window: 'long' }] } },
    expected: 'unable to fetch metrics from resource metrics API: time: invalid duration "long"',
  },
  {
    what: 'a metric of pods, in the newer version',
    spec: ofPods,
    answers: {
      '/apis/custom.metrics.k8s.io': group,
      [custom('v1beta2', `pods/*/qps?labelSelector=app%3Dw&${selected}`)]: {
        items: [
          { describedObject: { name: 'p' }, value: '2500m', timestamp: at.timestamp, windowSeconds: 5 },
        ],
      },
    },
    expected: [['p', 2500n, atMs, 5_000]],
  },
  {
    what: 'a metric of pods, in the older version, without a window',
    spec: ofPods,
    answers: {
      '/apis/custom.metrics.k8s.io': oldGroup,
      [custom('v1beta1', `pods/*/qps?labelSelector=app%3Dw&${selected}`)]: {
        items: [{ describedObject: { name: 'p' }, value: '1', timestamp: at.timestamp }],
      },
    },
    expected: [['p', 1000n, atMs, 60_000]],
  },
  {
    what: 'versions that are not known',
    spec: ofPods,
    answers: { '/apis/custom.metrics.k8s.io': { versions: [{ version: 'v9' }] } },
    expected: 'unable to fetch metrics from custom metrics API: no known available metric versions found',
  },
  {
    what: 'a metric of an object',
    spec: ofObject('networking.k8s.io/v1', 'Ingress'),
    answers: {
      '/apis/custom.metrics.k8s.io': group,
      [custom('v1beta2', `ingresses.networking.k8s.io/o/qps?${selected}`)]: { items: [{ value: '3' }] },
    },
    expected: [3000n],
  },
  {
    what: 'a metric of the namespace',
    spec: ofObject('v1', 'Namespace'),
    answers: {
      '/apis/custom.metrics.k8s.io': group,
      [custom('v1beta2', `metrics/qps?${selected}`)]: { items: [{ value: '3' }] },
    },
    expected: [3000n],
  },
  {
    what: 'two values for one object',
    spec: ofObject('v1', 'Service'),
    answers: {
      '/apis/custom.metrics.k8s.io': group,
      [custom('v1beta2', `services/o/qps?${selected}`)]: { items: [{ value: '3' }, { value: '4' }] },
    },
    expected:
      'unable to fetch metrics from custom metrics API: the custom metrics API server returned 2 results when we asked for exactly one',
  },
  {
    what: 'an object of no known kind',
    spec: ofObject('example.com/v1', 'Gadget'),
    answers: { '/apis/custom.metrics.k8s.io': group },
    expected:
      'unable to fetch metrics from custom metrics API: unable to map kind Gadget.example.com to resource: no matches for kind "Gadget" in group "example.com"',
  },
  {
    what: 'an external metric',
    spec: external,
    answers: {
      '/apis/external.metrics.k8s.io/v1beta1/namespaces/n/qps?labelSelector=a%3Db': {
        items: [{ value: '1' }, { value: '500m' }],
      },
    },
    expected: [1000n, 500n],
  },
  {
    what: 'an external metric without values',
    spec: external,
    answers: { '/apis/external.metrics.k8s.io/v1beta1/namespaces/n/qps?labelSelector=a%3Db': { items: [] } },
    expected: 'no metrics returned from external metrics API',
  },
];

for (const { what, spec, answers, expected } of rows) {
  test(`the metrics APIs – answering ${what} – are read as upstream reads them`, async () => {
    const raw: ReadClient['raw'] = async (_, path) => {
      if (path in answers) return answers[path];
      throw notFound({ group: '', resource: 'paths' }, path);
    };
    const clock = new VirtualClock();
    const requests = new Requests({ raw } as ReadClient, clock, new AbortController().signal);
    const apis = new MetricsApis(requests, new KindResources(requests, clock), clock);
    const answer = await apis.read(spec, 'n', parseLabelSelector('app=w'));
    if (answer instanceof Error) assert.equal(answer.message, expected);
    else if (answer instanceof Map) {
      const found = [...answer].map(([name, { value, timestampMs, windowMs }]) => {
        return [name, value, timestampMs, windowMs];
      });
      assert.deepEqual(found, expected);
    } else assert.deepEqual(answer, expected);
  });
}

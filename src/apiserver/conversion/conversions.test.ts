/** What is stored in one version and served in another comes back the same. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyObject } from '#api/object.ts';
import { autoscalerV1 } from './autoscaler-v1.ts';
import { eventsV1 } from './events-v1.ts';

const meta = { name: 'x', namespace: 'ns' };

test('an autoscaler: cpu by name, everything else by annotation', () => {
  const memory = {
    type: 'Resource',
    resource: { name: 'memory', target: { type: 'Utilization', averageUtilization: 70 } },
  };
  const cpu = {
    type: 'Resource',
    resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } },
  };
  const behavior = { scaleDown: { stabilizationWindowSeconds: 60 } };
  const stored: AnyObject = {
    kind: 'HorizontalPodAutoscaler',
    apiVersion: 'autoscaling/v2',
    metadata: meta,
    spec: { maxReplicas: 3, metrics: [cpu, memory], behavior },
    status: { desiredReplicas: 1 },
  };
  const v1 = autoscalerV1.fromStored(structuredClone(stored)) as AnyObject & {
    spec: Record<string, unknown>;
  };
  assert.deepEqual(v1.spec, { maxReplicas: 3, targetCPUUtilizationPercentage: 50 });
  assert.deepEqual(Object.keys(v1.metadata!.annotations!), [
    'autoscaling.alpha.kubernetes.io/metrics',
    'autoscaling.alpha.kubernetes.io/behavior',
  ]);
  assert.deepEqual(autoscalerV1.toStored(structuredClone(v1)), stored);
});

test('an event: other names, the same record', () => {
  const stored: AnyObject = {
    kind: 'Event',
    apiVersion: 'v1',
    metadata: meta,
    involvedObject: { kind: 'Pod', name: 'p' },
    message: 'm',
    source: { component: 'c' },
    count: 2,
    reason: 'r',
    action: 'a',
  };
  const converted = eventsV1.fromStored(structuredClone(stored));
  assert.deepEqual(converted['regarding'], { kind: 'Pod', name: 'p' });
  assert.deepEqual([converted['note'], converted['deprecatedCount'], converted['reason']], ['m', 2, 'r']);
  assert.deepEqual(eventsV1.toStored(structuredClone(converted)), stored);
  assert.equal(eventsV1.storedField('regarding.uid'), 'involvedObject.uid');
});

test('annotations of an autoscaler that hold no metrics say nothing', () => {
  const named = (what: string) => `autoscaling.alpha.kubernetes.io/${what}`;
  for (const text of ['5', '[null]', '[5]', '"x"', 'nonsense']) {
    const annotations = Object.fromEntries(
      ['metrics', 'behavior', 'conditions', 'current-metrics'].map((what) => [named(what), text]),
    );
    const object = { kind: 'HorizontalPodAutoscaler', metadata: { name: 'web', annotations }, spec: {} };
    const { spec, status, metadata } = autoscalerV1.toStored(object as AnyObject);
    assert.deepEqual({ spec, status, metadata }, { spec: {}, status: {}, metadata: { name: 'web' } }, text);
  }
});

/** A HorizontalPodAutoscaler of v1, which is stored as v2, is read back unchanged. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AnyObject } from '../../meta/object.ts';
import { horizontalPodAutoscalerV1 } from './horizontal-pod-autoscaler.ts';

const autoscalerV1 = horizontalPodAutoscalerV1.conversion!;

const meta = { name: 'x', namespace: 'ns' };

const named = (what: string) => `autoscaling.alpha.kubernetes.io/${what}`;

test("an autoscaler – cpu and other metrics – a field, annotations in v1's form", () => {
  const described = { kind: 'Ingress', name: 'main', apiVersion: 'networking.k8s.io/v1' };
  const utilization = (averageUtilization: number) => ({ type: 'Utilization', averageUtilization });
  const others = [
    {
      type: 'Object',
      object: {
        describedObject: described,
        metric: { name: 'hits', selector: { matchLabels: { a: 'b' } } },
        target: { type: 'Value', value: '2k' },
      },
    },
    {
      type: 'Pods',
      pods: { metric: { name: 'rate' }, target: { type: 'AverageValue', averageValue: '1k' } },
    },
    { type: 'Resource', resource: { name: 'memory', target: utilization(70) } },
    {
      type: 'ContainerResource',
      containerResource: { name: 'cpu', container: 'c', target: { type: 'AverageValue', averageValue: '1' } },
    },
    { type: 'External', external: { metric: { name: 'queue' }, target: { type: 'Value', value: '30' } } },
  ];
  const cpu = {
    type: 'Resource',
    resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } },
  };
  const behavior = {
    scaleDown: {
      stabilizationWindowSeconds: 60,
      policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }],
    },
  };
  const currentMetrics = [{ type: 'Resource', resource: { name: 'cpu', current: { averageValue: '3m' } } }];
  const conditions = [{ type: 'AbleToScale', status: 'True' }];
  const stored: AnyObject = {
    kind: 'HorizontalPodAutoscaler',
    apiVersion: 'autoscaling/v2',
    metadata: meta,
    spec: { maxReplicas: 3, metrics: [...others, cpu], behavior },
    status: { currentReplicas: 1, desiredReplicas: 1, currentMetrics, conditions },
  };
  const v1 = autoscalerV1.fromStored(structuredClone(stored)) as AnyObject & {
    spec: Record<string, unknown>;
  };
  assert.deepEqual(v1.spec, { maxReplicas: 3, targetCPUUtilizationPercentage: 50 });
  assert.deepEqual(v1.metadata!.annotations, {
    [named('metrics')]:
      '[{"type":"Object","object":{"target":{"kind":"Ingress","name":"main","apiVersion":"networking.k8s.io/v1"},"metricName":"hits","targetValue":"2k","selector":{"matchLabels":{"a":"b"}}}},{"type":"Pods","pods":{"metricName":"rate","targetAverageValue":"1k"}},{"type":"Resource","resource":{"name":"memory","targetAverageUtilization":70}},{"type":"ContainerResource","containerResource":{"name":"cpu","targetAverageValue":"1","container":"c"}},{"type":"External","external":{"metricName":"queue","targetValue":"30"}}]',
    [named('current-metrics')]: '[{"type":"Resource","resource":{"name":"cpu","currentAverageValue":"3m"}}]',
    [named('conditions')]: '[{"type":"AbleToScale","status":"True"}]',
    [named('behavior')]:
      '{"ScaleUp":null,"ScaleDown":{"StabilizationWindowSeconds":60,"SelectPolicy":null,"Policies":[{"Type":"Pods","Value":4,"PeriodSeconds":15}],"Tolerance":null}}',
  });
  assert.deepEqual(autoscalerV1.toStored(structuredClone(v1)), stored);
});

describe('an autoscaler – annotations without valid metrics – are ignored: the cpu target counts', () => {
  const cpu = { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } };
  const expected = {
    spec: { metrics: [{ type: 'Resource', resource: cpu }] },
    status: {},
    metadata: { name: 'web' },
  };
  for (const text of ['5', '[null]', '[5]', '"x"', 'nonsense']) {
    test(text, () => {
      const annotations = Object.fromEntries(
        ['metrics', 'behavior', 'conditions', 'current-metrics'].map((what) => [named(what), text]),
      );
      const object = { kind: 'HorizontalPodAutoscaler', metadata: { name: 'web', annotations }, spec: {} };
      const { spec, status, metadata } = autoscalerV1.toStored(object as AnyObject);
      assert.deepEqual({ spec, status, metadata }, expected);
    });
  }
});

/** Autoscalers of both versions, case by case as in upstream's tables. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  changed,
  created,
  createMessages,
  runCases,
  strategyFor,
  updateMessages,
} from '#testing/kind-cases.ts';
import type { AnyObject } from '../../meta/object.ts';

const kind = ['autoscaling', 'horizontalpodautoscalers'] as const;
const metadata = { name: 'web', namespace: 'default', uid: 'u1' };
const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
const v2 = {
  apiVersion: 'autoscaling/v2',
  metadata,
  spec: { minReplicas: 1, maxReplicas: 5, scaleTargetRef },
};
const v1 = changed(v2, { apiVersion: 'autoscaling/v1' });

const metric = { name: 'some-metric' };
const controller = { kind: 'ReplicationController', name: 'rc' };
const cpu = {
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'AverageValue', averageValue: '300m' } },
};
const pods = { type: 'Pods', pods: { metric, target: { type: 'AverageValue', averageValue: '300m' } } };
const object = {
  type: 'Object',
  object: { describedObject: controller, metric, target: { type: 'Value', value: '300m' } },
};
const external = { type: 'External', external: { metric, target: { type: 'Value', value: '300m' } } };
const container = {
  type: 'ContainerResource',
  containerResource: { name: 'cpu', container: 'c', target: { type: 'Utilization', averageUtilization: 70 } },
};

const types = 'supported values: "ContainerResource", "External", "Object", "Pods", "Resource"';
const noInformation = 'Required value: must populate information for the given metric source';
const first = (metric: object, changes: Record<string, unknown> = {}) => ({
  'spec.metrics': [changed(metric as AnyObject, changes)],
});
const path = 'spec.metrics[0]';
const badSegment = "may not be '..'";

runCases([
  {
    kind: [...kind],
    valid: v2,
    create: [
      ...[[], [cpu], [pods], [object], [external], [container], [pods, cpu, object]].map(
        (metrics): [Record<string, unknown>, string[]] => [{ 'spec.metrics': metrics }, []],
      ),
      [{ 'spec.scaleTargetRef.kind': '' }, ['spec.scaleTargetRef.kind: Required value']],
      [
        { 'spec.scaleTargetRef.kind': '..' },
        [`spec.scaleTargetRef.kind: Invalid value: "..": ${badSegment}`],
      ],
      [{ 'spec.scaleTargetRef.name': '' }, ['spec.scaleTargetRef.name: Required value']],
      [
        { 'spec.scaleTargetRef.name': '..' },
        [`spec.scaleTargetRef.name: Invalid value: "..": ${badSegment}`],
      ],
      [
        { 'spec.scaleTargetRef.apiVersion': 'v1' },
        ['spec.scaleTargetRef.apiVersion: Invalid value: "v1": apiVersion must specify API group'],
      ],
      [
        { 'spec.scaleTargetRef.apiVersion': 'a/b/c' },
        ['spec.scaleTargetRef.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c'],
      ],
      [{ 'spec.scaleTargetRef': controller }, []],
      [
        { 'spec.minReplicas': -1 },
        ['spec.minReplicas: Invalid value: -1: must be greater than or equal to 1'],
      ],
      [
        { 'spec.minReplicas': 0 },
        [
          'spec.minReplicas: Invalid value: 0: must be greater than or equal to 1',
          'spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas',
        ],
      ],
      [
        { 'spec.minReplicas': 7 },
        ['spec.maxReplicas: Invalid value: 5: must be greater than or equal to `minReplicas`'],
      ],
      [
        { 'spec.maxReplicas': -1 },
        [
          'spec.maxReplicas: Invalid value: -1: must be greater than or equal to 1',
          'spec.maxReplicas: Invalid value: -1: must be greater than or equal to `minReplicas`',
        ],
      ],
      [
        first(cpu, { 'resource.target': { type: 'Utilization', averageUtilization: -70 } }),
        [`${path}.resource.target.averageUtilization: Invalid value: -70: must be greater than 0`],
      ],
      [
        first(cpu, {
          'resource.target': { type: 'Utilization', averageUtilization: 70, averageValue: '300m' },
        }),
        [
          `${path}.resource.target.averageValue: Forbidden: may not set both a target raw value and a target utilization`,
        ],
      ],
      [
        first(cpu, { 'resource.name': undefined }),
        [`${path}.resource.name: Required value: must specify a resource name`],
      ],
      [
        first(cpu, { 'resource.target': { type: 'Utilization' } }),
        [
          `${path}.resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization`,
        ],
      ],
      [
        first(cpu, { 'resource.target.averageValue': '0' }),
        [`${path}.resource.target.averageValue: Invalid value: "0": must be positive`],
      ],
      [
        first(cpu, { 'resource.target.type': 'Foo' }),
        [
          `${path}.resource.target.type: Invalid value: "Foo": must be either Utilization, Value, or AverageValue`,
        ],
      ],
      [
        first(container, { 'containerResource.name': 'gold' }),
        [
          `${path}.containerResource.name: Invalid value: "gold": must be a standard resource type or fully qualified`,
          `${path}.containerResource.name: Invalid value: "gold": must be a standard resource for containers`,
        ],
      ],
      [
        first(container, { 'containerResource.container': undefined }),
        [`${path}.containerResource.container: Required value: must specify a container`],
      ],
      [
        first(pods, { 'pods.metric': {} }),
        [`${path}.pods.metric.name: Required value: must specify a metric name`],
      ],
      [
        first(pods, { 'pods.metric.name': 'some/metric' }),
        [`${path}.pods.metric.name: Invalid value: "some/metric": may not contain '/'`],
      ],
      [
        first(pods, { 'pods.target.averageValue': undefined }),
        [`${path}.pods.target.averageValue: Required value: must specify a positive target averageValue`],
      ],
      [
        first(object, { 'object.describedObject.kind': undefined }),
        [`${path}.object.describedObject.kind: Required value`],
      ],
      [
        first(object, { 'object.describedObject.name': undefined }),
        [`${path}.object.describedObject.name: Required value`],
      ],
      [
        first(object, { 'object.target.value': undefined }),
        [
          `${path}.object.target.averageValue: Required value: must set either a target value or averageValue`,
        ],
      ],
      [
        first(object, { 'object.metric': {} }),
        [`${path}.object.metric.name: Required value: must specify a metric name`],
      ],
      [
        first(external, { 'external.target.value': undefined }),
        [
          `${path}.external.target.averageValue: Required value: must set either a target value for metric or a per-pod target`,
        ],
      ],
      [
        first(external, { 'external.target.averageValue': '3' }),
        [
          `${path}.external.target.value: Forbidden: may not set both a target value for metric and a per-pod target`,
        ],
      ],
      [
        { 'spec.metrics': [{}] },
        [
          `${path}.type: Required value: must specify a metric source type`,
          `${path}.type: Unsupported value: "": ${types}`,
          `${path}.type: Unsupported value: "": ${types}`,
        ],
      ],
      [
        { 'spec.metrics': [{ type: 'InvalidType' }] },
        [
          `${path}.type: Unsupported value: "InvalidType": ${types}`,
          `${path}.type: Unsupported value: "InvalidType": ${types}`,
        ],
      ],
      [
        { 'spec.metrics': [{ ...cpu, pods: pods.pods }] },
        [`${path}.pods: Forbidden: must populate the given metric source only`],
      ],
      // The existing source is validated, the one of the type is reported as missing.
      [{ 'spec.metrics': [{ ...pods, type: 'Resource' }] }, [`${path}.resource: ${noInformation}`]],
      [{ 'spec.metrics': [{ ...cpu, type: 'Object' }] }, [`${path}.object: ${noInformation}`]],
      [{ 'spec.behavior': { scaleUp: { stabilizationWindowSeconds: 3600, selectPolicy: 'Disabled' } } }, []],
      [
        { 'spec.behavior': { scaleUp: { stabilizationWindowSeconds: -1 } } },
        [
          'spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: -1: must be greater than or equal to zero',
        ],
      ],
      [
        {
          'spec.behavior': {
            scaleDown: { stabilizationWindowSeconds: 3601, selectPolicy: 'Foo', policies: [] },
          },
        },
        [
          'spec.behavior.scaleDown.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600',
          'spec.behavior.scaleDown.selectPolicy: Unsupported value: "Foo": supported values: "Disabled", "Max", "Min"',
          'spec.behavior.scaleDown.policies: Required value: must specify at least one Policy',
        ],
      ],
      [
        { 'spec.behavior': { scaleUp: { policies: [{}, { type: 'Pods', value: 1, periodSeconds: 1801 }] } } },
        [
          'spec.behavior.scaleUp.policies[0].type: Unsupported value: "": supported values: "Percent", "Pods"',
          'spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero',
          'spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 0: must be greater than zero',
          'spec.behavior.scaleUp.policies[1].periodSeconds: Invalid value: 1801: must be less than or equal to 1800',
        ],
      ],
      [
        { 'spec.behavior': { scaleUp: { tolerance: '-100m' } } },
        ['spec.behavior.scaleUp.tolerance: Invalid value: "-100m": must be greater than or equal to 0'],
      ],
    ],
    update: [
      [{ 'spec.maxReplicas': 6 }, []],
      [
        { 'spec.scaleTargetRef.apiVersion': 'v1' },
        ['spec.scaleTargetRef.apiVersion: Invalid value: "v1": apiVersion must specify API group'],
      ],
    ],
  },
  {
    kind: [...kind],
    valid: v1,
    create: [
      [
        { 'spec.targetCPUUtilizationPercentage': 0 },
        [`${path}.resource.target.averageUtilization: Invalid value: 0: must be greater than 0`],
      ],
      [
        {
          'metadata.annotations': {
            'autoscaling.alpha.kubernetes.io/metrics': '[{"type":"Pods","pods":{"metricName":"m"}}]',
            'autoscaling.alpha.kubernetes.io/behavior':
              '{"ScaleUp":{"StabilizationWindowSeconds":-1,"Policies":null},"ScaleDown":null}',
          },
        },
        [
          `${path}.pods.target.averageValue: Invalid value: "0": must be positive`,
          'spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: -1: must be greater than or equal to zero',
          'spec.behavior.scaleUp.policies: Required value: must specify at least one Policy',
        ],
      ],
    ],
    update: [[{ 'spec.maxReplicas': 6 }, []]],
  },
]);

test('an autoscaler – had a reference without a group and zero replicas – may keep them', () => {
  const old = changed(v2, {
    'spec.scaleTargetRef.apiVersion': 'v1',
    'spec.minReplicas': 0,
    'spec.metrics': [external],
  });
  assert.deepEqual(updateMessages(...kind, changed(old, { 'spec.maxReplicas': 9 }), old), []);
  const without = changed(old, { 'spec.metrics': [cpu] });
  assert.deepEqual(updateMessages(...kind, without, old), [
    'spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas',
  ]);
});

test('a v1 autoscaler – without a target, with a status – gets the default, its status is dropped', () => {
  const read = created(
    ...kind,
    changed(v1, {
      'metadata.annotations': { 'autoscaling.alpha.kubernetes.io/conditions': '[{"type":"AbleToScale"}]' },
      'status.desiredReplicas': 3,
    }),
  );
  assert.deepEqual(read.metadata, metadata);
  assert.deepEqual(read['spec'], { ...(v1['spec'] as object), targetCPUUtilizationPercentage: 80 });
  assert.deepEqual(read['status'], { currentReplicas: 0, desiredReplicas: 0 });
});

test('a write to the status – of a v1 autoscaler – changes no metric by annotation', () => {
  const { prepareForStatusUpdate } = strategyFor(...kind);
  const old = created(...kind, v1);
  const now = changed(old, {
    'metadata.annotations': {
      'autoscaling.alpha.kubernetes.io/metrics': '[{"type":"Pods","pods":{"metricName":"m"}}]',
    },
    'status.desiredReplicas': 2,
  });
  prepareForStatusUpdate!(now, old, '2026-01-01T00:00:00Z');
  assert.deepEqual(now.metadata, metadata);
  assert.deepEqual(now['status'], { currentReplicas: 0, desiredReplicas: 2 });
});

test('an autoscaler – empty – lacks all required fields', () => {
  assert.deepEqual(createMessages(...kind, { apiVersion: 'autoscaling/v2', metadata } as AnyObject), [
    'spec.maxReplicas: Required value: must be set and greater than 0',
    'spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`',
    'spec.scaleTargetRef.kind: Required value',
    'spec.scaleTargetRef.name: Required value',
    'spec.scaleTargetRef.apiVersion: Invalid value: "": apiVersion must specify API group',
  ]);
});

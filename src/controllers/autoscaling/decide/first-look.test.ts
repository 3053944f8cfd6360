import assert from 'node:assert/strict';
import test from 'node:test';
import type { HorizontalPodAutoscalerSpec } from '#api/generated/types.gen.ts';
import { storedAutoscaler } from '#testing/objects/autoscaling.ts';
import { type FirstLook, firstLook } from './first-look.ts';
import { defaultSettings } from './settings.ts';

const external = { type: 'External', external: { metric: { name: 'm' }, target: { type: 'Value' } } };
const bounds = { minReplicas: 2, maxReplicas: 5 };
const metrics: FirstLook = { kind: 'metrics' };
const off: FirstLook = { kind: 'off' };
const below = 'Current number of replicas below Spec.MinReplicas';
const above = 'Current number of replicas above Spec.MaxReplicas';

type Spec = Partial<HorizontalPodAutoscalerSpec>;

/** `ours`: with the condition that this autoscaler scaled the target to zero, and the gate on. */
const looks: [string, Spec, number, 'ours' | 'others', FirstLook][] = [
  ['within its bounds', bounds, 3, 'others', metrics],
  ['at its lower bound', bounds, 2, 'others', metrics],
  ['below', bounds, 1, 'others', { kind: 'bound', replicas: 2, reason: below }],
  ['above', bounds, 6, 'others', { kind: 'bound', replicas: 5, reason: above }],
  ['zero by a user', bounds, 0, 'others', off],
  ['zero by the autoscaler, which may not any more', bounds, 0, 'ours', metrics],
  ['zero by the autoscaler, metrics of pods', { ...bounds, minReplicas: 0 }, 0, 'ours', off],
  [
    'zero by the autoscaler, a metric without pods',
    { minReplicas: 0, metrics: [external] },
    0,
    'ours',
    metrics,
  ],
];

for (const [title, spec, replicas, whose, expected] of looks) {
  test(`a first look – a target ${title} – ${expected.kind}`, () => {
    const conditions = [{ type: 'ScaledToZero', status: 'True' }];
    const status = { desiredReplicas: 0, ...(whose === 'ours' ? { conditions } : {}) };
    const settings = { ...defaultSettings, scalesToZero: true };
    assert.deepEqual(firstLook(storedAutoscaler('web', spec, status), replicas, settings), expected);
  });
}

test('a first look – zero by the autoscaler, the gate is off – is off', () => {
  const status = { desiredReplicas: 0, conditions: [{ type: 'ScaledToZero', status: 'True' }] };
  assert.deepEqual(firstLook(storedAutoscaler('web', bounds, status), 0, defaultSettings), off);
});

/** From what metrics ask for to what is done, with the conditions that say why. */

import assert from 'node:assert/strict';
import test from 'node:test';
import type { HorizontalPodAutoscalerBehavior } from '#api/generated/types.gen.ts';
import { storedAutoscaler } from '#testing/objects/autoscaling.ts';
import { firstMemory } from '../pace/memory.ts';
import { Findings } from './findings.ts';
import { normalize } from './normalize.ts';
import { defaultSettings } from './settings.ts';

const nowMs = Date.parse('2026-01-01T00:00:00Z');

interface Case {
  readonly current: number;
  readonly desired: number;
  readonly earlier?: number;
  readonly behavior?: HorizontalPodAutoscalerBehavior;
  readonly windowMs?: number;
}

function normalized({ current, desired, earlier = current, behavior, windowMs = 300_000 }: Case) {
  const findings = new Findings(undefined, nowMs);
  const bounds = { current, desired, min: 1, max: 10 };
  const settings = { ...defaultSettings, downscaleStabilizationMs: windowMs };
  const past = { memory: firstMemory(earlier, 1_000_000), monotonicMs: 1_060_000 };
  const autoscaler = storedAutoscaler('web', behavior ? { behavior } : {});
  const { replicas } = normalize(autoscaler, bounds, past, settings, findings);
  return [replicas, ...findings.conditions.map(({ status, reason }) => `${status} ${reason}`)];
}

const ready = 'True ReadyForNewScale';
const free = 'False DesiredWithinRange';
const slowly = { policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }], selectPolicy: 'Max' };
const cases: [string, Case, unknown[]][] = [
  ['within everything', { current: 3, desired: 4 }, [4, ready, free]],
  ['more than maxReplicas', { current: 8, desired: 12 }, [10, ready, 'True TooManyReplicas']],
  ['more than twice as many', { current: 4, desired: 10 }, [8, ready, 'True ScaleUpLimit']],
  ['fewer than minReplicas', { current: 1, desired: 0, windowMs: 0 }, [1, ready, 'True TooFewReplicas']],
  ['fewer than lately', { current: 6, desired: 2 }, [6, 'True ScaleDownStabilized', free]],
  ['fewer than lately, a shorter window', { current: 6, desired: 2, windowMs: 30_000 }, [2, ready, free]],
  [
    'a rate for scaling up',
    { current: 3, desired: 6, behavior: { scaleUp: slowly } },
    [4, ready, 'True ScaleUpLimit'],
  ],
  [
    'a rate for scaling down, no window',
    { current: 6, desired: 2, behavior: { scaleDown: { ...slowly, stabilizationWindowSeconds: 0 } } },
    [5, ready, 'True ScaleDownLimit'],
  ],
  [
    'a window for scaling up',
    {
      current: 3,
      desired: 6,
      behavior: { scaleUp: { ...slowly, stabilizationWindowSeconds: 300 } },
    },
    [3, 'True ScaleUpStabilized', free],
  ],
];

for (const [title, given, expected] of cases) {
  test(`replicas – ${title} – become ${expected[0]}`, () => {
    assert.deepEqual(normalized(given), expected);
  });
}

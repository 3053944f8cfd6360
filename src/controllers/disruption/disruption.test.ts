import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Pod, PodDisruptionBudget, PodDisruptionBudgetSpec } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { decideDisruption } from './decide.ts';

const nowMs = Date.parse('2026-01-01T00:10:00Z');
const meta = (name: string) => ({ name, uid: name, resourceVersion: '1', creationTimestamp: '' });

function pods(ready: number, unready = 0): Stored<Pod>[] {
  return Array.from({ length: ready + unready }, (_, i) => ({
    metadata: meta(`p${i}`),
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: i < ready ? 'True' : 'False' }] },
  }));
}

function budget(
  spec: PodDisruptionBudgetSpec,
  disruptedPods?: Record<string, string>,
): Stored<PodDisruptionBudget> {
  return { metadata: meta('b'), spec, ...(disruptedPods ? { status: { disruptedPods } } : {}) };
}

describe("disruptionsAllowed – by budget and healthy pods – is upstream's", () => {
  const cases: [string, PodDisruptionBudgetSpec, Stored<Pod>[], number | Error, number, string][] = [
    ['a number that must stay', { minAvailable: 2 }, pods(3), 0, 1, 'SufficientPods'],
    ['unready ones do not help', { minAvailable: 2 }, pods(2, 2), 0, 0, 'InsufficientPods'],
    ['a share of what the controllers want', { minAvailable: '50%' }, pods(5), 5, 2, 'SufficientPods'],
    ['a number that may be missing', { maxUnavailable: 1 }, pods(3), 3, 1, 'SufficientPods'],
    ['one missing already', { maxUnavailable: 1 }, pods(2, 1), 3, 0, 'InsufficientPods'],
    ['a share that may be missing, rounded up', { maxUnavailable: '30%' }, pods(5), 5, 2, 'SufficientPods'],
    ['a controller without a scale', { maxUnavailable: 1 }, pods(3), new Error('unknown'), 0, 'SyncFailed'],
    ['no pods at all', { minAvailable: 0 }, [], 0, 0, 'InsufficientPods'],
  ];
  for (const [name, spec, selected, scale, allowed, reason] of cases) {
    test(name, () => {
      const { status } = decideDisruption({ budget: budget(spec), pods: selected, scale, nowMs });
      assert.deepEqual([status.disruptionsAllowed, status.conditions?.[0]?.reason], [allowed, reason]);
    });
  }
});

test('pods without a controller – where scale is needed – are reported', () => {
  const isReported = (spec: PodDisruptionBudgetSpec) =>
    decideDisruption({ budget: budget(spec), pods: pods(1), scale: 0, nowMs }).hasUnmanaged;
  assert.deepEqual([{ maxUnavailable: 1 }, { minAvailable: '50%' }, { minAvailable: 1 }].map(isReported), [
    true,
    true,
    false,
  ]);
});

test('an allowed eviction – its pod still exists – counts for two minutes', () => {
  const decide = (at: string) =>
    decideDisruption({
      budget: budget({ minAvailable: 1 }, { p0: at }),
      pods: pods(3),
      scale: 0,
      nowMs,
    });
  assert.equal(decide('2026-01-01T00:09:00Z').status.disruptionsAllowed, 1);
  assert.equal(decide('2026-01-01T00:09:00Z').againInMs, 60_000);
  const late = decide('2026-01-01T00:07:59Z');
  assert.equal(late.status.disruptionsAllowed, 2);
  assert.deepEqual(
    late.overdue.map(({ metadata }) => metadata.name),
    ['p0'],
  );
});

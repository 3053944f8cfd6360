/**
 * Failure policies, success policies and back-off per index: which rule matches, and what becomes of the job.
 */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PodStatus } from '#api/generated/types.gen.ts';
import {
  at,
  changesOf,
  conditions,
  decideWith,
  ended,
  jobOf,
  perIndex,
  podOf,
  statusAfter,
} from '#testing/objects/jobs.ts';
import { countPods } from './counts.ts';
import { matchFailure } from './failure-policy.ts';
import { IndexRanges } from './index-ranges.ts';
import { matchSuccess } from './success-policy.ts';

const decide = decideWith();

describe('a failed pod – the first rule that matches decides', () => {
  const onExitCodes = (operator: string, ...values: number[]) => ({ operator, values });
  const disrupted = { type: 'DisruptionTarget', status: 'True' };
  const rules = [
    { action: 'Ignore', onPodConditions: [disrupted] },
    { action: 'Count', onExitCodes: { ...onExitCodes('In', 1), containerName: 'other' } },
    { action: 'FailJob', onExitCodes: onExitCodes('In', 2, 3) },
    { action: 'FailIndex', onExitCodes: onExitCodes('NotIn', 1) },
  ];
  const job = jobOf({ podFailurePolicy: { rules } });
  const cases: [string, PodStatus, string | undefined][] = [
    [
      'a condition',
      { ...ended(2), conditions: [disrupted] },
      'Pod n/p has condition DisruptionTarget matching Ignore rule at index 0',
    ],
    [
      'a condition that is not true',
      { ...ended(1), conditions: [{ ...disrupted, status: 'False' }] },
      undefined,
    ],
    [
      'an exit code',
      ended(3),
      'Container c for pod n/p failed with exit code 3 matching FailJob rule at index 2',
    ],
    [
      'another exit code',
      ended(4),
      'Container c for pod n/p failed with exit code 4 matching FailIndex rule at index 3',
    ],
    ['no container', { phase: 'Failed', reason: 'Evicted' }, undefined],
  ];
  for (const [title, status, message] of cases) {
    test(title, () => assert.equal(matchFailure(job, podOf('p', status))?.message, message));
  }
});

describe('success rules – met by indexes, by a count, or by a count of indexes', () => {
  const cases: [{ succeededIndexes?: string; succeededCount?: number }, number[], boolean][] = [
    [{ succeededIndexes: '0,2-3' }, [0, 2, 3], true],
    [{ succeededIndexes: '0,2-3' }, [0, 1, 2], false],
    [{ succeededIndexes: '0,2-3', succeededCount: 2 }, [1, 2, 3], true],
    [{ succeededCount: 2 }, [1, 4], true],
    [{ succeededCount: 2 }, [1], false],
    [{ succeededIndexes: '0' }, [], false],
  ];
  for (const [rule, completed, isMet] of cases) {
    test(`${JSON.stringify(rule)} – completed ${completed}`, () => {
      const job = jobOf({ completions: 5, successPolicy: { rules: [{ succeededCount: 5 }, rule] } });
      const message = isMet ? 'Matched rules at index 1' : undefined;
      assert.equal(matchSuccess(job, IndexRanges.none.with(completed)), message);
    });
  }
});

test('the last failed pod of an index – it keeps its finalizer until another pod has taken over its count', () => {
  const job = jobOf(perIndex);
  const running = [podOf('a', { phase: 'Running' }, at(0)), podOf('b', { phase: 'Running' }, at(1))];
  const failed = podOf('c', ended(1), at(2));
  const replaced = decide(job, [...running, failed]);
  assert.deepEqual(changesOf(replaced), ['create 2 after 1', 'status']);
  assert.equal(statusAfter(replaced).failed, undefined);
  const next = podOf('d', { phase: 'Running' }, at(2, 1));
  const released = decide(job, [...running, failed, next]);
  assert.deepEqual(changesOf(released), ['status', '-finalizer c']);
  assert.deepEqual(statusAfter(released).uncountedTerminatedPods, { failed: ['c'] });
});

test('indexes in back-off – each waits for itself', () => {
  const recent = podOf('a', ended(1, '2026-01-01T00:59:55Z'), at(0));
  const old = podOf('b', ended(1), at(1));
  const plan = decide(jobOf(perIndex), [recent, old, podOf('c', ended(0), at(2))]);
  assert.deepEqual(changesOf(plan), ['create 1 after 1', 'status', '-finalizer c']);
  assert.equal(plan.againInMs, 5000);
});

test('indexes in back-off – no allowance is asked for them', () => {
  const recent = ended(1, '2026-01-01T00:59:55Z');
  const pods = [podOf('a', recent, at(0)), podOf('b', ended(1), at(1)), podOf('c', recent, at(2))];
  const asked: number[] = [];
  const ask = (wanted: number) => {
    asked.push(wanted);
    return { count: wanted, weight: 0 };
  };
  assert.deepEqual(changesOf(decideWith(ask)(jobOf(perIndex), pods)), ['create 1 after 1', 'status']);
  assert.deepEqual(asked, [1]);
  const waiting = decideWith(ask)(jobOf(perIndex), [pods[0]!, pods[2]!, podOf('d', ended(0), at(1))]);
  assert.equal(waiting.againInMs, 5000);
  assert.deepEqual(asked, [1]);
});

test('an index – at its limit, or by rule – it fails for good, and the job when all others have ended', () => {
  const last = podOf('a', ended(1), at(0, 1));
  const others = [podOf('b', ended(0), at(1)), podOf('c', { phase: 'Running' }, at(2))];
  const waits = decide(jobOf(perIndex), [last, ...others]);
  assert.equal(statusAfter(waits).failedIndexes, '0');
  assert.deepEqual(conditions(waits), []);
  const done = decide(jobOf(perIndex, { failedIndexes: '0', completedIndexes: '1' }), [
    podOf('c', ended(0), at(2)),
  ]);
  assert.deepEqual(conditions(done), ['FailureTarget FailedIndexes']);
  const rules = [{ action: 'FailIndex', onExitCodes: { operator: 'In', values: [9] } }];
  const byRule = decide(jobOf({ ...perIndex, podFailurePolicy: { rules } }), [
    podOf('a', ended(9), at(0)),
    ...others,
  ]);
  assert.equal(statusAfter(byRule).failedIndexes, '0');
});

test('too many failed indexes – the other pods lose the finalizer, are deleted, and count as failed', () => {
  const pods = [podOf('a', ended(1), at(0, 1)), podOf('b', { phase: 'Running' }, at(1))];
  const plan = decide(jobOf({ ...perIndex, maxFailedIndexes: 0 }), pods);
  assert.deepEqual(changesOf(plan), ['status', '-finalizer a', '-finalizer b', 'delete b']);
  assert.deepEqual(conditions(plan), ['FailureTarget MaxFailedIndexesExceeded']);
  assert.deepEqual(statusAfter(plan).uncountedTerminatedPods, { failed: ['a', 'b'] });
  assert.equal(statusAfter(plan).failedIndexes, '0');
});

test('a success policy that is met – pods that still run – they have not failed', () => {
  const spec = { completionMode: 'Indexed', completions: 2, parallelism: 2 };
  const job = jobOf({ ...spec, successPolicy: { rules: [{ succeededCount: 1 }] } });
  const plan = decide(job, [podOf('a', ended(0), at(0)), podOf('b', { phase: 'Running' }, at(1))]);
  assert.deepEqual(changesOf(plan), ['status', '-finalizer a', '-finalizer b', 'delete b']);
  assert.deepEqual(conditions(plan), ['SuccessCriteriaMet SuccessPolicy']);
  assert.deepEqual(statusAfter(plan).uncountedTerminatedPods, {});
});

test('ignored failures – they do not count, and a terminating pod is waited for', () => {
  const onPodConditions = [{ type: 'DisruptionTarget', status: 'True' }];
  const podFailurePolicy = { rules: [{ action: 'Ignore', onPodConditions }] };
  const job = jobOf({ completions: 1, parallelism: 1, backoffLimit: 0, podFailurePolicy });
  const evicted = podOf('a', { phase: 'Running', conditions: onPodConditions });
  const going = { ...evicted, metadata: { ...evicted.metadata, deletionTimestamp: '2026-01-01T00:00:30Z' } };
  assert.deepEqual(changesOf(decide(job, [going])), ['status']);
  const gone = { ...going, status: { ...ended(137), conditions: onPodConditions } };
  const plan = decide(job, [gone]);
  assert.deepEqual(changesOf(plan), ['create', 'status', '-finalizer a']);
  assert.deepEqual(statusAfter(plan).uncountedTerminatedPods, {});
  assert.equal(countPods(job, [gone]).failed, 0);
});

test('surplus pods, or those of a suspended job – they lose the finalizer first and have not failed', () => {
  const pods = [podOf('a', { phase: 'Running' }), podOf('b', { phase: 'Running' })];
  const suspended = decide(jobOf({ parallelism: 2, completions: 2, suspend: true }), pods);
  assert.deepEqual(changesOf(suspended).slice(0, 2), ['-finalizer a', '-finalizer b']);
  assert.deepEqual(changesOf(suspended).slice(2).sort(), ['delete a', 'delete b', 'status']);
  assert.deepEqual(statusAfter(suspended).uncountedTerminatedPods, {});
  const indexed = jobOf({ completionMode: 'Indexed', completions: 2, parallelism: 2 });
  const twice = [podOf('a', { phase: 'Running' }, at(0)), podOf('b', { phase: 'Pending' }, at(0))];
  const beyond = podOf('c', { phase: 'Running' }, at(2));
  assert.deepEqual(
    changesOf(decide(indexed, [...twice, beyond]))
      .filter((change) => change.startsWith('delete'))
      .sort(),
    ['delete b', 'delete c'],
  );
});

test('pods of a deleted job – they lose the finalizer, and are left to the garbage collector', () => {
  const job = jobOf({ parallelism: 2, completions: 2 });
  const deleted = { ...job, metadata: { ...job.metadata, deletionTimestamp: '2026-01-01T00:59:00Z' } };
  assert.deepEqual(changesOf(decide(deleted, [podOf('a', { phase: 'Running' })])), [
    'status',
    '-finalizer a',
  ]);
});

test('failed pods that wait for others – their namespace is being deleted – they lose the finalizer', () => {
  const plan = decide(jobOf(perIndex), [podOf('a', ended(1), at(0)), podOf('b', ended(1), at(1))]);
  assert.ok(!changesOf(plan).some((change) => change.startsWith('-finalizer')));
  const together = plan.actions.find((action) => action.do === 'together');
  const released = changesOf({ actions: together?.ifNamespaceTerminates ?? [] });
  assert.deepEqual(released, ['-finalizer a', '-finalizer b']);
});

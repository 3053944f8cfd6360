/** SchedulingGates: a pod with gates does not enter the queue, and the rejection names them. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { makePod } from '#testing/scheduling/objects.ts';
import { noListers } from '../cache/listers.ts';
import { Rejection } from '../framework.ts';
import { schedulingGates } from './scheduling-gates.ts';

const waiting = (names: string) =>
  new Rejection('SchedulingGates', [`waiting for scheduling gates: [${names}]`], true);

const cases: [string, string[], Rejection | undefined][] = [
  ['no gate', [], undefined],
  ['one gate', ['foo'], waiting('foo')],
  ['two gates', ['foo', 'bar'], waiting('foo bar')],
];

for (const [title, gates, expected] of cases) {
  test(`preEnqueue – ${title}`, () => {
    const pod = makePod({ spec: { schedulingGates: gates.map((name) => ({ name })) } });
    assert.deepEqual(schedulingGates.preEnqueue?.(pod, noListers), expected);
  });
}

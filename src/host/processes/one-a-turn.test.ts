/** Work that is done once in each turn of the event loop. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextTurn } from '#base/clock.ts';
import { systemEnv } from '../system-env.ts';
import { OneATurn } from './one-a-turn.ts';

test('one a turn – three at the same moment – the first runs at once, the others in the next turns, in order', async () => {
  const { clock } = systemEnv();
  const turns = new OneATurn();
  const done: number[] = [];
  for (const number of [1, 2, 3]) turns.run(() => done.push(number));
  assert.deepEqual(done, [1]);
  await nextTurn(clock);
  assert.deepEqual(done, [1, 2]);
  while (done.length < 3) await nextTurn(clock);
  turns.run(() => done.push(4));
  turns.run(() => done.push(5));
  while (done.length < 5) await nextTurn(clock);
  assert.deepEqual(done, [1, 2, 3, 4, 5]);
});

test('one a turn – work that throws – the next still runs', async () => {
  const turns = new OneATurn();
  const fails = () => {
    throw new Error('no');
  };
  assert.throws(() => turns.run(fails), /no/);
  await new Promise<void>((resolve) => turns.run(resolve));
});

/** What one step of a sweep does. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Sweeps } from './sweeps.ts';

test('a sweep – a hundred events and a thousand pods that none of them helps – asks a few hundred questions a step, and all in the end', () => {
  const taken: number[] = [];
  const sweeps = new Sweeps<number>({
    items: () => Array.from({ length: 1000 }, (_, number) => number),
    isThere: () => true,
    take: (item) => taken.push(item),
  });
  let asked = 0;
  const event = (number: number) => (item: number) => {
    asked++;
    return number === 99 && item === 999;
  };
  for (let number = 0; number < 100; number++) sweeps.add(event(number));
  sweeps.step();
  assert.ok(asked >= 200 && asked < 300, String(asked));
  while (!sweeps.isIdle) sweeps.step();
  assert.deepEqual([asked, taken], [100_000, [999]]);
});

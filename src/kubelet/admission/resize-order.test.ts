import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storedPod } from '#testing/objects.ts';
import { type PendingResize, resizesAhead } from './resize-order.ts';

interface Traits {
  readonly from?: string;
  readonly to?: string;
  readonly priority?: number;
  readonly guaranteed?: boolean;
  readonly sinceMs?: number;
}

function pending(name: string, traits: Traits): PendingResize {
  const { from = '1', to = '2', priority, guaranteed = false, sinceMs = 0 } = traits;
  const podWith = (cpu: string) => {
    const requests = { cpu, memory: '1Gi' };
    const resources = { requests, limits: guaranteed ? requests : { cpu } };
    const spec = { containers: [{ name: 'c', resources }], ...(priority === undefined ? {} : { priority }) };
    return storedPod(name, { spec });
  };
  return { pod: podWith(to), granted: podWith(from), sinceMs };
}

// biome-ignore format: a table
const rows: [what: string, first: Traits, second: Traits][] = [
  ['a smaller request before a larger priority', { to: '500m' }, { priority: 1000 }],
  ['a higher priority before a guaranteed pod', { priority: 1, sinceMs: 9 }, { guaranteed: true }],
  ['no priority before one below zero', {}, { priority: -1 }],
  ['a guaranteed pod before one that waits longer', { guaranteed: true, sinceMs: 9 }, {}],
  ['the one that waits longer', { sinceMs: 1 }, { sinceMs: 2 }],
];
for (const [what, first, second] of rows) {
  test(`resizes that wait – ${what} – are in that order`, () => {
    const [a, b] = [pending('first', first), pending('second', second)];
    assert.deepEqual([resizesAhead(a, [b]), resizesAhead(b, [a])], [[], [a]]);
  });
}

test('the resizes ahead – of many – are in their order, without those behind', () => {
  const [old, high, own, late] = [
    pending('old', { sinceMs: 1 }),
    pending('high', { priority: 5, sinceMs: 4 }),
    pending('own', { sinceMs: 2 }),
    pending('late', { sinceMs: 3 }),
  ];
  assert.deepEqual(resizesAhead(own, [late, old, high]), [high, old]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DroppedRequests } from './dropped-requests.ts';

test('rejected requests – many in each second, then few – Retry-After doubles up to 32 s and shrinks by one', () => {
  const dropped = new DroppedRequests();
  const levels: number[] = [];
  const record = (second: number, count: number) => {
    for (let i = 0; i < count; i++) dropped.record('low', second * 1000);
    levels.push(dropped.retryAfterSeconds('low'));
  };
  for (let second = 1; second <= 70; second++) record(second, 300);
  assert.deepEqual([...new Set(levels)], [1, 2, 4, 8, 16, 32]);
  levels.length = 0;
  for (let second = 200; second <= 206; second++) record(second, 1);
  assert.deepEqual(levels, [31, 30, 29, 28, 27, 26, 25]);
  assert.equal(dropped.retryAfterSeconds('other'), 1);
});

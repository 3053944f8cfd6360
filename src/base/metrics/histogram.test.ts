import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter } from './counter.ts';
import { Histogram, type Observations } from './histogram.ts';
import { exponentialBounds } from './metric.ts';

test('a histogram – of milliseconds, published as seconds – counts by bucket, the bound included, and sums', () => {
  const histogram = new Histogram({ name: 'a_seconds', help: 'A.', bounds: [0.001, 0.01] });
  const series = histogram.begin({ result: 'done' });
  for (const ms of [0.5, 1, 10, 11]) series.observe(ms);
  series.observe(2, 3);
  const [[labels, value]] = [...histogram.readings()] as [[object, typeof series]];
  assert.deepEqual([labels, value.counts, value.sum], [{ result: 'done' }, [2, 4, 1], 0.0285]);
});

test('a counter – read twice – shows what was counted since the start, and no series without a count', () => {
  const counter = new Counter('a_total', 'A.');
  const often = counter.begin({ name: 'often' });
  counter.begin({ name: 'never' });
  often.value += 2;
  counter.of({ name: 'seldom' }).value++;
  counter.of({ name: 'seldom' }).value++;
  for (let i = 0; i < 2; i++) {
    assert.deepEqual(
      [...counter.readings()],
      [
        [{ name: 'often' }, 2],
        [{ name: 'seldom' }, 2],
      ],
    );
  }
});

test('exponential bounds – as upstream writes them – begin with the first and grow by the factor', () => {
  assert.deepEqual(exponentialBounds(1, 2, 5), [1, 2, 4, 8, 16]);
});

test('a histogram – asked for the same labels again – returns the series it has', () => {
  const histogram = new Histogram({ name: 'h', help: '', bounds: [1], scale: 1 });
  histogram.of({ a: 'x', b: 'y' }).observe(1);
  histogram.of({ a: 'x', b: 'y' }).observe(2);
  histogram.of({ a: 'x y', b: '' }).observe(1);
  const counts = [...histogram.readings()].map(([labels, series]) => [
    labels,
    (series as Observations).count,
  ]);
  assert.deepEqual(counts, [
    [{ a: 'x', b: 'y' }, 2],
    [{ a: 'x y', b: '' }, 1],
  ]);
});

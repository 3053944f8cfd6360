import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IndexRanges } from './index-ranges.ts';

const int32Max = 2 ** 31 - 1;
const rangesOf = (...indexes: number[]) => IndexRanges.none.with(indexes);

test('indexes – written as ranges', () => {
  assert.equal(String(rangesOf(7, 0, 3, 4, 5, 9, 8)), '0,3-5,7-9');
  assert.equal(String(rangesOf(1, 2)), '1,2');
  assert.equal(String(IndexRanges.parse('0,3-5,8', 5)), '0,3,4');
  assert.equal(String(IndexRanges.parse('')), '');
});

test('ranges – as long as an integer allows – they cost no more than short ones', () => {
  const all = IndexRanges.parse(`0-${int32Max - 1}`, int32Max);
  assert.equal(all.size, int32Max);
  assert.equal(all.has(int32Max - 1), true);
  assert.equal(all.has(int32Max), false);
  assert.deepEqual(all.missing(3, int32Max), []);
  const holes = IndexRanges.parse(`0-9,12-${int32Max - 3}`, int32Max);
  assert.deepEqual(holes.missing(4, int32Max), [10, 11, int32Max - 2, int32Max - 1]);
  assert.equal(holes.countIn(rangesOf(9, 10, 12, int32Max - 1)), 2);
  assert.equal(all.countIn(holes), holes.size);
});

test('missing indexes – the lowest, as many as are asked for', () => {
  assert.deepEqual(rangesOf(1, 3).missing(3, 10), [0, 2, 4]);
  assert.deepEqual(rangesOf(1, 3).missing(5, 4), [0, 2]);
  assert.deepEqual(rangesOf(5).withRanges(rangesOf(0, 1)).missing(2, 10), [2, 3]);
});

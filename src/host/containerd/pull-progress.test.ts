import assert from 'node:assert/strict';
import { test } from 'node:test';
import { progressOf, progressText } from './pull-progress.ts';

const layers = [
  { digest: 'a', size: 1_500_000 },
  { digest: 'b', size: 998_500_000 },
  { digest: 'c', size: 900 },
];

// biome-ignore format: a table
for (const { title, stored, written, text } of [
  { title: 'that has just begun', stored: [], written: {}, text: '0 of 3 layers, 0 B of 1 GB' },
  { title: 'with a layer under way', stored: ['a'], written: { b: 123_456_789 }, text: '1 of 3 layers, 125 MB of 1 GB' },
  { title: 'with a layer of which too much came', stored: [], written: { c: 5000 }, text: '0 of 3 layers, 900 B of 1 GB' },
  { title: 'that has read everything', stored: ['a', 'b', 'c'], written: {}, text: '3 of 3 layers, 1 GB of 1 GB' },
]) {
  test(`a pull – ${title} – is at ${text}`, () => {
    const progress = progressOf(layers, new Set(stored), new Map(Object.entries(written)));
    assert.equal(progressText(progress), text);
  });
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Warnings } from './warnings.ts';

function listed(texts: readonly string[]): readonly string[] {
  const warnings = new Warnings();
  for (const text of texts) warnings.add(text);
  return warnings.list();
}

test('warnings – added twice – are sent once, in their order', () => {
  assert.deepEqual(listed(['b', 'a', 'b', '']), ['b', 'a']);
  assert.deepEqual(listed(['x'.repeat(4096)]), ['x'.repeat(4096)]);
});

test('warnings – too long together – are cut to 256 characters each, and the rest is left out', () => {
  const long = Array.from({ length: 40 }, (_, i) => String(i).padStart(4, '0') + 'é'.repeat(500));
  const shown = listed(long);
  assert.equal(shown.length, 16);
  assert.deepEqual(
    shown,
    long.slice(0, 16).map((text) => text.slice(0, 256)),
  );
  assert.equal(listed(['\u{1f600}'.repeat(5000)])[0]!.length, 512);
});

test('warnings – many short ones – are sent until their sum reaches the bound', () => {
  const shown = listed(Array.from({ length: 10_000 }, (_, i) => `unknown field "k${i}"`));
  const characters = shown.join('').length;
  assert.ok(characters >= 4096 && characters < 4096 + 30, String(characters));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goFields, trimGoSpace } from './go-space.ts';

test('trimGoSpace – white space of every kind – is removed at both ends, not within', () => {
  assert.equal(trimGoSpace('\t\u00a0 a \u3000b\u2028\n'), 'a \u3000b');
  assert.equal(trimGoSpace(' \n '), '');
  assert.equal(trimGoSpace('\ufeffa'), '\ufeffa');
});

test('trimGoSpace – a lowest code – characters below it stay and end the trimming', () => {
  assert.equal(trimGoSpace(' \n a\u0085 ', 0x20), '\n a');
});

test('goFields – many spaces between words – only the words', () => {
  assert.deepEqual(goFields('  a \t\u2003b\n'), ['a', 'b']);
});

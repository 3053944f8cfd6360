import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goFields, trimGoSpace } from './go-space.ts';

test('trimming – space of every sort – goes at both ends, within it stays', () => {
  assert.equal(trimGoSpace('\t\u00a0 a \u3000b\u2028\n'), 'a \u3000b');
  assert.equal(trimGoSpace(' \n '), '');
  assert.equal(trimGoSpace('\ufeffa'), '\ufeffa');
});

test('trimming – a lowest code – what lies below it stays and ends the walk', () => {
  assert.equal(trimGoSpace(' \n a\u0085 ', 0x20), '\n a');
});

test('fields – many spaces between words – only the words', () => {
  assert.deepEqual(goFields('  a \t\u2003b\n'), ['a', 'b']);
});

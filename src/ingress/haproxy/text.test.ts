import assert from 'node:assert/strict';
import { test } from 'node:test';
import { format, isSafeName, mapKey, regexKey, regexText, word } from './text.ts';

const words: [string, string, string][] = [
  ['a plain word', '/a-b_c.d:80', '/a-b_c.d:80'],
  ['nothing', '', '""'],
  ['quotes, a space and a line end', `'"\n x`, '\\x27\\x22\\x0a\\x20x'],
  ['the end of a condition', 'a } or', 'a\\x20\\x7d\\x20or'],
  ['a variable of the environment', '$HOME', '\\x24HOME'],
  ['a comment', 'a#b', 'a\\x23b'],
  ['more than ASCII', 'é', '\\xc3\\xa9'],
];
for (const [name, text, written] of words) {
  test(`a word – ${name} – has no character that means something`, () => assert.equal(word(text), written));
}

test('a format – with an expression – is literal', () =>
  assert.equal(format('%[src]'), '\\x25\\x25\\x5bsrc\\x5d'));

test('a key of a map – with spaces, or like a comment – is none', () => {
  assert.deepEqual(
    [mapKey('h1/a b'), mapKey('#x'), mapKey(''), mapKey('h1/a'), mapKey('x'.repeat(9000))],
    [undefined, undefined, undefined, 'h1/a', undefined],
  );
});

test('an expression as a key – with a space and a line end – is one word', () => {
  assert.equal(regexKey('^/a b\nc'), '^/a\\x20b\\x0ac');
});

test('text inside an expression – with its operators – is literal', () => {
  assert.equal(regexText('/a.b(c)'), '/a\\x2eb\\x28c\\x29');
});

test('names of headers – with what expressions end with – are not safe', () => {
  assert.deepEqual(['X-A', 'x.y_z', 'a)b', 'a,b', '', '-a', 'a b'].map(isSafeName), [
    ...[true, true],
    ...[false, false, false, false, false],
  ]);
});

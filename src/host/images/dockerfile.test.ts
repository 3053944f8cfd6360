import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandOf, pairsOf, parseDockerfile, stagesOf, wordsOf } from './dockerfile.ts';

test('a Dockerfile – with comments, empty and continued lines – is its instructions with their lines', () => {
  const text = '# a comment\n\nfrom scratch\nRUN a \\\n# between\n  b\n\nENV A=1\r\n';
  assert.deepEqual(parseDockerfile(text), [
    { line: 3, name: 'FROM', rest: 'scratch' },
    { line: 4, name: 'RUN', rest: 'a    b' },
    { line: 8, name: 'ENV', rest: 'A=1' },
  ]);
});

// biome-ignore format: a table
for (const { rest, words } of [
  { rest: 'a  b\tc', words: ['a', 'b', 'c'] },
  { rest: '"two words" \'a "b"\' c\\ d', words: ['two words', 'a "b"', 'c d'] },
  { rest: '["a b", "c"]', words: ['a b', 'c'] },
  { rest: '[not json]', words: ['[not', 'json]'] },
]) {
  test(`words – ${rest} – are ${JSON.stringify(words)}`, () => assert.deepEqual(wordsOf(rest), words));
}

test('a command – as a list, as a line – is run as it is, by the shell', () => {
  assert.deepEqual(commandOf('["a", "b c"]', ['/bin/sh', '-c']), ['a', 'b c']);
  assert.deepEqual(commandOf('a "b c"', ['/bin/sh', '-c']), ['/bin/sh', '-c', 'a "b c"']);
});

test('pairs – of the new form, of the old one – are read', () => {
  assert.deepEqual(pairsOf('A=1 B="two words" C='), [
    ['A', '1'],
    ['B', 'two words'],
    ['C', ''],
  ]);
  assert.deepEqual(pairsOf('A two words'), [['A', 'two words']]);
});

test('stages – with names, after arguments – have their instructions', () => {
  const { args, stages } = stagesOf(
    parseDockerfile('ARG V=1\nFROM --platform=linux/amd64 a:$V AS Build\nRUN b\nFROM build'),
  );
  assert.deepEqual(
    args.map(({ rest }) => rest),
    ['V=1'],
  );
  assert.deepEqual(
    stages.map(({ base, name, instructions }) => [base, name, instructions.length]),
    [
      ['a:$V', 'build', 1],
      ['build', undefined, 0],
    ],
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { valueInEnvFile } from './env-file.ts';

const file = `# comment

  A='one'
B='two' # comment
LONG='first
  second # no comment
third'\t
EMPTY=''
BLANK= 'ignored'
A='again'
$C='$A'
`;

const values: [name: string, value: string | undefined][] = [
  ['A', 'one'],
  ['B', 'two'],
  ['LONG', 'first\n  second # no comment\nthird'],
  ['EMPTY', ''],
  ['BLANK', ''],
  ['$C', '$A'],
  ['a', undefined],
  ['second', undefined],
];

for (const [name, value] of values) {
  test(`an env file – the variable ${name} – is ${JSON.stringify(value)}`, () =>
    assert.equal(valueInEnvFile(file, name), value));
}

const refused: [text: string, message: string][] = [
  ['A', "invalid environment variable format at line 1: missing '='"],
  ["\n='x'", 'invalid environment variable format at line 2: empty variable name'],
  ["A ='x'", "invalid environment variable format at line 1: whitespace before '=' is not allowed"],
  ['A=x', 'invalid environment variable format at line 1: value must be enclosed in single quotes'],
  ['A="x"', 'invalid environment variable format at line 1: value must be enclosed in single quotes'],
  ["A='x'y", 'invalid environment variable format at line 1: unexpected content after closing quote'],
  ["A='x\ny", 'invalid environment variable format starting at line 1: unclosed single quote'],
];

for (const [text, message] of refused) {
  test(`an env file – ${JSON.stringify(text)} – is rejected`, () =>
    assert.throws(() => valueInEnvFile(text, 'B'), { message }));
}

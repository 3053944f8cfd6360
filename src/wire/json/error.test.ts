import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goJsonError } from './error.ts';

const cases: [text: string, error: string | undefined][] = [
  ['{"a":[1,-2.5e+3,true,null,"\\u00e9\\n"],"b":{}}', undefined],
  [' 3 ', undefined],
  ['', 'unexpected end of JSON input'],
  ['{', 'unexpected end of JSON input'],
  ['[1,', 'unexpected end of JSON input'],
  ['"a', 'unexpected end of JSON input'],
  ['{a:1}', "invalid character 'a' looking for beginning of object key string"],
  ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['{"a":1 "b":2}', "invalid character '\"' after object key:value pair"],
  ['[1 2]', "invalid character '2' after array element"],
  ['[1,]', "invalid character ']' looking for beginning of value"],
  ['{} x', "invalid character 'x' after top-level value"],
  ["'a'", "invalid character '\\'' looking for beginning of value"],
  ['"a\nb"', "invalid character '\\n' in string literal"],
  ['"\\q"', "invalid character 'q' in string escape code"],
  ['"\\u12g4"', "invalid character 'g' in \\u hexadecimal character escape"],
  ['-x', "invalid character 'x' in numeric literal"],
  ['1.x', "invalid character 'x' after decimal point in numeric literal"],
  ['1ex', "invalid character 'x' in exponent of numeric literal"],
  ['trux', "invalid character 'x' in literal true (expecting 'e')"],
];

for (const [text, error] of cases) {
  test(JSON.stringify(text), () => {
    assert.equal(goJsonError(text), error);
    // JSON.parse rejects whatever Go rejects.
    if (error === undefined) JSON.parse(text);
    else assert.throws(() => JSON.parse(text));
  });
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inexactNumbersIn, oddNumbersIn } from './odd-numbers.ts';

test('odd numbers – not written as JavaScript does – keep their text', () => {
  const text = oddNumbersIn(
    Buffer.from('{"a":1.500,"1.70":[1e3,-2.50,9007199254740993],"b":"1.60","c":"\\"1.80","d":1E400}'),
  );
  const asked = [1.5, 1000, -2.5, 9007199254740992, Infinity].map(text);
  assert.deepEqual(asked, ['1.500', '1e3', '-2.50', '9007199254740993', '1E400']);
  assert.deepEqual([1.6, 1.7, 1.8, 1].map(text), [undefined, undefined, undefined, undefined]);
});

test('odd numbers – a value that is also written plainly – counts as plain', () => {
  const text = oddNumbersIn(Buffer.from('[1.0,1,2.0,1e2,100.0]'));
  assert.deepEqual([1, 2, 100].map(text), [undefined, '2.0', '100.0']);
});

test('odd numbers – exact integers – are not odd', () => {
  const text = oddNumbersIn(Buffer.from('[-50,1000,9007199254740994]'));
  assert.deepEqual([-50, 1000, 9007199254740994].map(text), Array(3).fill(undefined));
});

test('odd numbers – where Go itself decodes numbers – only long integers are odd', () => {
  const text = inexactNumbersIn(Buffer.from('[1.500,9007199254740993]'));
  assert.deepEqual([1.5, 9007199254740992].map(text), [undefined, '9007199254740993']);
});

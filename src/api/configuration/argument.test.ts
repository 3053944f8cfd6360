import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Argument,
  choice,
  durationMs,
  file,
  files,
  fixed,
  fraction,
  list,
  map,
  text,
  toggle,
  wholeNumber,
} from './argument.ts';

const number = wholeNumber('', { min: 0, max: 10 });

// biome-ignore format: a table
const rows: [type: string, argument: Argument<unknown>, written: unknown, read: unknown][] = [
  ['text', text(''), 'a', 'a'],
  ['text', text(''), 7, '7'],
  ['text', text(''), ['a'], undefined],
  ['file', file(''), 'a.yaml', 'a.yaml'],
  ['file', file(''), '', undefined],
  ['file', file(''), 7, undefined],
  ['files', files(''), 'a,b', ['a', 'b']],
  ['list', list(''), 'a, b', ['a', 'b']],
  ['list', list(''), ['a,b'], ['a,b']],
  ['list', list(''), [1], undefined],
  ['map', map(''), 'a=1,b=c=d', { a: '1', b: 'c=d' }],
  ['map', map(''), { a: 1, b: true }, { a: '1', b: 'true' }],
  ['map', map(''), 'a', undefined],
  ['map', map(''), { a: [] }, undefined],
  ['toggle', toggle(''), true, true],
  ['toggle', toggle(''), 'false', false],
  ['toggle', toggle(''), 'no', undefined],
  ['whole number', number, 10, 10],
  ['whole number', number, '0', 0],
  ['whole number', number, 11, undefined],
  ['whole number', number, 1.5, undefined],
  ['whole number', number, '1x', undefined],
  ['fraction', fraction('', { min: 0, max: 0.02 }), '0.01', 0.01],
  ['fraction', fraction('', { min: 0, max: 0.02 }), 0.1, undefined],
  ['fraction', fraction('', { min: 0, max: 0.02 }), '', undefined],
  ['fixed', fixed('', ['true'], ''), true, 'true'],
  ['duration', durationMs(''), '1m30s', 90_000],
  ['duration', durationMs(''), 0, 0],
  ['duration', durationMs(''), '-1s', undefined],
  ['duration', durationMs(''), '10', undefined],
  ['choice', choice('', ['a', 'b']), 'b', 'b'],
  ['choice', choice('', ['a', 'b']), 'c', undefined],
];

for (const [type, argument, written, read] of rows) {
  test(`an argument – ${type} of ${JSON.stringify(written)} – is ${JSON.stringify(read) ?? 'refused'}`, () => {
    assert.deepEqual(argument.read(written), read);
  });
}

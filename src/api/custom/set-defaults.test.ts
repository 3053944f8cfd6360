import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { containersMax, valuesMax } from '#wire/json/values-limit.ts';
import type { JSONSchemaProps } from '../generated/types.gen.ts';
import { readCustomObject, readStoredObject } from './read-object.ts';
import { setDefaults } from './set-defaults.ts';
import { structuralSchema } from './structural-schema.ts';

const text = { type: 'string' };
/** Objects in a list, each of which is given `value`. */
const givingEach = (value: unknown) =>
  structuralSchema({
    type: 'object',
    properties: {
      spec: {
        type: 'array',
        items: { type: 'object', properties: { a: { ...schemaOf(value), default: value } } },
      },
    },
  } as JSONSchemaProps);
const schemaOf = (value: unknown) =>
  typeof value === 'string'
    ? text
    : { type: 'array', items: { 'x-kubernetes-preserve-unknown-fields': true } };
const items = (count: number) => ({ spec: Array.from({ length: count }, () => ({}) as { a?: unknown }) });

describe('defaults – as many as a body has room for – are all set; more are refused', () => {
  for (const [what, value, most] of [
    ['texts', 'd'.repeat(1024), 3 * 1024],
    ['values', Array.from({ length: 99 }, () => 1), valuesMax / 100],
    ['lists', [[], [], [], []], containersMax / 5],
  ] as const) {
    test(what, () => {
      const object = items(most);
      assert.equal(setDefaults(object, givingEach(value)), true);
      assert.deepEqual(object.spec.at(-1), { a: value });
      assert.equal(setDefaults(items(most + 1), givingEach(value)), false);
      assert.throws(() => readCustomObject(items(most + 1), givingEach(value)), {
        name: 'LimitExceeded',
        message: 'defaults of more than 250000 values, 50000 objects and lists or 3145728 characters',
      });
    });
  }
});

test('a stored object – with more defaults than a body has room for – is given the first ones', () => {
  const object = items(5000);
  readStoredObject(object, givingEach('d'.repeat(1024)));
  assert.equal(object.spec.filter(({ a }) => a !== undefined).length, 3 * 1024);
  assert.deepEqual([object.spec[0]?.a, object.spec.at(-1)], ['d'.repeat(1024), {}]);
});

test('a default – changed in one object – stays as it is in the next', () => {
  const schema = givingEach([{}]);
  const first = items(2);
  setDefaults(first, schema);
  (first.spec[0]!.a as { changed?: true }[])[0]!.changed = true;
  const second = items(1);
  setDefaults(second, schema);
  assert.deepEqual([first.spec[1], second.spec[0]], [{ a: [{}] }, { a: [{}] }]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodyBytesMax, exceededLimit } from '#wire/json/values-limit.ts';
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

/** What is shown can be put back. */
function assertFitsBody(object: object): void {
  const body = Buffer.from(JSON.stringify(object));
  assert.equal(exceededLimit(body), undefined);
  assert.ok(body.length < bodyBytesMax, `${body.length} bytes`);
}

const many: readonly (readonly [what: string, value: unknown, fits: number, tooMany: number])[] = [
  ['texts', 'd'.repeat(1024), 2900, 3100],
  ['texts that JSON writes with escapes', '\n'.repeat(1024), 1450, 1550],
  ['texts of many bytes', '\u4e00'.repeat(1024), 970, 1030],
  ['values', Array.from({ length: 98 }, () => 1), 1300, 1320],
  ['lists', [[], [], [], []], 8300, 8400],
];

for (const [what, value, fits, tooMany] of many) {
  test(`defaults – ${what}, as many as a body has room for beside the object – are all set; more are refused`, () => {
    const object = items(fits);
    assert.equal(setDefaults(object, givingEach(value)), true);
    assert.deepEqual(object.spec.at(-1), { a: value });
    assertFitsBody(object);
    assert.throws(() => readCustomObject(items(tooMany), givingEach(value)), {
      name: 'LimitExceeded',
      message:
        'more than 24576 different keys, 131072 values, 50000 objects and lists or 3080192 bytes with its defaults',
    });
  });

  test(`a stored object – with more defaults, ${what}, than a body has room for – is given the first ones`, () => {
    const object = items(tooMany);
    readStoredObject(object, givingEach(value));
    assert.deepEqual([object.spec[0]?.a, object.spec.at(-1)], [value, {}]);
    assertFitsBody(object);
  });
}

test('an object of as many keys as a body may have – its defaults have others – is refused', () => {
  const keysOf = (prefix: string, count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`${prefix}${i}`, 1]));
  const value = keysOf('b', 20_000);
  const schema = structuralSchema({
    type: 'object',
    'x-kubernetes-preserve-unknown-fields': true,
    properties: { a: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, default: value } },
  } as JSONSchemaProps);
  assert.equal(setDefaults(keysOf('b', 20_000), schema), true);
  assert.equal(setDefaults(keysOf('c', 20_000), schema), false);
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

/** Operations on values by their types: compare, merge, remove and validate. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadSchema } from '../schema/load-schema.ts';
import { appliedSet } from './applied-set.ts';
import { compare } from './compare.ts';
import { type FieldSchema, listSchema, scalarSchema, structSchema, untypedDeduced } from './field-schema.ts';
import { type FieldSet, inOrder, setOf } from './field-set.ts';
import { merge } from './merge.ts';
import { withNamedFields } from './named-fields.ts';
import { fieldSchemaOf } from './of-compact-schema.ts';
import { InvalidFields, readFields } from './read-fields.ts';
import { reconcile } from './reconcile.ts';
import { removeItems } from './remove-items.ts';
import { validate } from './validate.ts';

const schema = loadSchema();
const pod = fieldSchemaOf(schema, 'io.k8s.api.core.v1.Pod');
const deployment = fieldSchemaOf(schema, 'io.k8s.api.apps.v1.Deployment');
const plain = (set: FieldSet): unknown => JSON.parse(JSON.stringify(inOrder(set)));
const containers = (...list: object[]) => ({ spec: { containers: list } });
const port = { containerPort: 80 };

test('a port – without a protocol – has the key of TCP', () => {
  assert.deepEqual(plain(appliedSet(pod, containers({ name: 'c', ports: [port] }))), {
    'f:spec': {
      'f:containers': {
        'k:{"name":"c"}': {
          '.': {},
          'f:name': {},
          'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
        },
      },
    },
  });
});

const compared: { name: string; before: object; after: object; changed?: object; removed?: object }[] = [
  { name: 'nothing', before: containers({ name: 'c' }), after: containers({ name: 'c' }) },
  {
    name: 'a value',
    before: containers({ name: 'c', image: 'a' }),
    after: containers({ name: 'c', image: 'b' }),
    changed: { 'f:spec': { 'f:containers': { 'k:{"name":"c"}': { 'f:image': {} } } } },
  },
  {
    name: 'a new map',
    before: { metadata: {} },
    after: { metadata: { labels: { a: 'b' } } },
    changed: { 'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } } },
  },
  {
    name: 'an item in place of another',
    before: containers({ name: 'c' }),
    after: containers({ name: 'd' }),
    changed: {
      'f:spec': { 'f:containers': { 'k:{"name":"d"}': { '.': {}, 'f:name': {}, 'f:resources': {} } } },
    },
    removed: {
      'f:spec': { 'f:containers': { 'k:{"name":"c"}': { '.': {}, 'f:name': {}, 'f:resources': {} } } },
    },
  },
  {
    name: 'an atomic map',
    before: { spec: { nodeSelector: { a: 'b' } } },
    after: { spec: { nodeSelector: { a: 'b', c: 'd' } } },
    changed: { 'f:spec': { 'f:nodeSelector': {} } },
  },
  {
    name: 'items that are doubled now',
    before: containers({ name: 'c', env: [{ name: 'a', value: '1' }] }),
    after: containers({
      name: 'c',
      env: [
        { name: 'a', value: '1' },
        { name: 'a', value: '2' },
      ],
    }),
    changed: { 'f:spec': { 'f:containers': { 'k:{"name":"c"}': { 'f:env': { 'k:{"name":"a"}': {} } } } } },
    removed: {
      'f:spec': {
        'f:containers': {
          'k:{"name":"c"}': { 'f:env': { 'k:{"name":"a"}': { '.': {}, 'f:name': {}, 'f:value': {} } } },
        },
      },
    },
  },
];

for (const { name, before, after, changed = {}, removed = {} } of compared) {
  test(`a comparison – of ${name} – finds what changed and what is gone`, () => {
    const found = compare(pod, before, after);
    assert.deepEqual([plain(found.changed), plain(found.removed)], [changed, removed]);
  });
}

const names = (value: unknown) =>
  (value as { spec: { containers: { name: string }[] } }).spec.containers.map(({ name }) => name).join('');
const lettered = (letters: string) => containers(...[...letters].map((name) => ({ name })));

for (const [live, config, merged] of [
  ['abc', 'abc', 'abc'],
  ['abc', 'b', 'abc'],
  ['abc', 'cb', 'acb'],
  ['ab', 'cd', 'abcd'],
  ['ab', 'ca', 'cab'],
  ['abcd', 'dxa', 'bcdxa'],
  ['', 'ab', 'ab'],
] as const) {
  test(`a merge – of the list ${config} into ${live} – is ${merged}`, () => {
    assert.equal(names(merge(pod, lettered(live), lettered(config))), merged);
  });
}

test('a merge – with null – takes a value away and keeps a list that has items', () => {
  const live = { metadata: { labels: { a: 'b' } }, spec: { nodeName: 'n', containers: [{ name: 'c' }] } };
  const config = { metadata: { labels: null }, spec: { nodeName: null, containers: null } };
  assert.deepEqual(merge(pod, live, config), {
    metadata: { labels: { a: 'b' } },
    spec: { nodeName: null, containers: [{ name: 'c' }] },
  });
});

test('items – that are removed – leave the others', () => {
  const object = { metadata: { labels: { a: '1', b: '2' } }, ...containers({ name: 'c' }, { name: 'd' }) };
  const items = setOf(['f:metadata', 'f:labels', 'f:a'], ['f:spec', 'f:containers', 'k:{"name":"c"}']);
  assert.deepEqual(removeItems(pod, object, items), {
    metadata: { labels: { b: '2' } },
    ...containers({ name: 'd' }),
  });
});

test('named fields – on the way to a member – are added, but no maps and lists', () => {
  const set = setOf(
    ['f:metadata', 'f:labels', 'f:a'],
    ['f:spec', 'f:containers', 'k:{"name":"c"}', 'f:image'],
  );
  assert.deepEqual(plain(withNamedFields(pod, set)), {
    'f:metadata': { '.': {}, 'f:labels': { '.': {}, 'f:a': {} } },
    'f:spec': { '.': {}, 'f:containers': { '.': {}, 'k:{"name":"c"}': { 'f:image': {} } } },
  });
});

test('a configuration – of a wrong type – is refused with upstream’s message', () => {
  const spec = { replicas: 'x', paused: 1, foo: 2 };
  assert.equal(
    validate(deployment, { spec: { replicas: 'x' } }),
    '.spec.replicas: expected numeric (int or float), got string',
  );
  assert.equal(
    validate(deployment, { spec }),
    'errors:\n  .spec.replicas: expected numeric (int or float), got string\n  .spec.paused: expected boolean, got &{1}\n  .spec.foo: field not declared in schema',
  );
  assert.equal(
    validate(deployment, { zzz: 1, spec: { bar: 1 }, metadata: { foo: 1 } }),
    'errors:\n  .spec.bar: field not declared in schema\n  .metadata.foo: field not declared in schema\n  .zzz: field not declared in schema',
  );
  assert.equal(validate(pod, { metadata: { labels: [] } }), '.metadata.labels: expected map, got &{[]}');
  assert.equal(
    validate(pod, containers({ name: 'c' }, { name: 'c' })),
    '.spec.containers: duplicate entries for key [name="c"]',
  );
  assert.equal(
    validate(pod, { metadata: { name: 5 } }),
    '.metadata.name: expected string, got &value.valueUnstructured{Value:5}',
  );
});

test('a set – of a list that has become atomic – is of the whole list', () => {
  const now: FieldSchema = structSchema((name) =>
    name === 'list' ? listSchema(scalarSchema('string')) : undefined,
  );
  assert.deepEqual(plain(reconcile(now, setOf(['f:list', 'v:"a"'], ['f:other', 'f:x']))), {
    'f:list': {},
    'f:other': { 'f:x': {} },
  });
});

test('a value – without a schema – is owned key by key, its lists as a whole', () => {
  assert.deepEqual(plain(appliedSet(untypedDeduced, { a: { b: [1] }, c: 2 })), {
    'f:a': { '.': {}, 'f:b': {} },
    'f:c': {},
  });
});

test('FieldsV1 – of a client – is read in canonical form', async (t) => {
  const fields = { 'f:a': { 'k:{"b":1, "a":"x"}': {}, 'x:unknown': {}, 'i:3': {} }, 'f:b': { '.': {} } };
  assert.deepEqual(plain(readFields(fields)), { 'f:a': { 'k:{"a":"x","b":1}': {}, 'i:3': {} }, 'f:b': {} });
  for (const bad of [{ f: {} }, { 'fx:a': {} }, { 'k:[': {} }, { 'f:a': 1 }]) {
    await t.test(JSON.stringify(bad), () => {
      assert.throws(() => readFields(bad), InvalidFields);
    });
  }
});

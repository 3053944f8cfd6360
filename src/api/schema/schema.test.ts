import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { loadSchema } from './load-schema.ts';
import type { SchemaFile } from './schema-file.ts';

const schema = loadSchema();

test('the schema – contains facts – and no descriptions', () => {
  const file = JSON.parse(readFileSync(new URL('schema.gen.json', import.meta.url), 'utf8')) as SchemaFile;
  const known = new Set([
    'required',
    'listType',
    'listMapKeys',
    'mapType',
    'patchStrategy',
    'patchMergeKey',
    'enum',
    'default',
    'dropsZero',
    'nullsZero',
    'byValue',
    'writesZero',
    'goType',
    'within',
    'inlined',
  ]);
  for (const [name, [fields]] of Object.entries(file.types)) {
    for (const [field, [, , extras]] of Object.entries(fields)) {
      for (const [key, value] of Object.entries(extras ?? {})) {
        assert.ok(known.has(key), `${name}.${field}: ${key}`);
        for (const text of JSON.stringify(value).match(/"[^"]*"/g) ?? []) {
          assert.ok(text.split(' ').length <= 4, `${name}.${field}: ${text}`);
        }
      }
    }
  }
});

test('the schema – resources and types – can be looked up', () => {
  const deployments = schema.resource('apps', 'v1', 'deployments')!;
  assert.equal(schema.kind('apps', 'v1', 'Deployment'), deployments);
  assert.deepEqual(deployments.shortNames, ['deploy']);
  const containers = schema.type('io.k8s.api.core.v1.PodSpec').fields.get('containers')!;
  assert.equal(containers.patchMergeKey, 'name');
  assert.equal(containers.protobuf, 2);
  assert.deepEqual(containers.type, {
    kind: 'list',
    of: { kind: 'object', name: 'io.k8s.api.core.v1.Container' },
  });
  assert.equal(schema.resource('networking.k8s.io', 'v1beta1', 'ipaddresses'), undefined);
  assert.throws(() => schema.type('no.such.Type'));
});

test('the schema – every type it refers to – exists', () => {
  const file = JSON.parse(readFileSync(new URL('schema.gen.json', import.meta.url), 'utf8')) as SchemaFile;
  for (const name of Object.keys(file.types)) {
    for (const field of schema.type(`io.k8s.${name}`).fields.values()) {
      let ref = field.type;
      while (ref.kind === 'list' || ref.kind === 'map') ref = ref.of;
      if (ref.kind === 'object') schema.type(ref.name);
    }
  }
});

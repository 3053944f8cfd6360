import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { aggregatedDiscovery, apiGroup, apiGroupList, apiResourceList } from './discovery.ts';
import { loadSchema } from './load-schema.ts';
import type { SchemaFile } from './schema-file.ts';

const schema = loadSchema();

test('the schema holds facts and no prose', () => {
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

test('resources and types can be looked up', () => {
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

test('every type the schema mentions is there', () => {
  const file = JSON.parse(readFileSync(new URL('schema.gen.json', import.meta.url), 'utf8')) as SchemaFile;
  for (const name of Object.keys(file.types)) {
    for (const field of schema.type(`io.k8s.${name}`).fields.values()) {
      let ref = field.type;
      while (ref.kind === 'list' || ref.kind === 'map') ref = ref.of;
      if (ref.kind === 'object') schema.type(ref.name);
    }
  }
});

test('discovery: aggregated and the older lists', () => {
  const core = aggregatedDiscovery(schema.resources, true) as {
    items: { versions: { resources: { resource: string }[] }[] }[];
  };
  assert.equal(core.items.length, 1);
  assert.ok(core.items[0]!.versions[0]!.resources.some((one) => one.resource === 'pods'));
  const list = apiResourceList(schema.resources, '', 'v1') as {
    resources: { name: string; storageVersionHash?: string }[];
  };
  const found = (name: string) => list.resources.find((one) => one.name === name);
  assert.equal(found('pods')?.storageVersionHash, 'xPOwRZ+Yhw8=');
  assert.deepEqual(found('pods/eviction'), {
    name: 'pods/eviction',
    singularName: '',
    namespaced: true,
    group: 'policy',
    version: 'v1',
    kind: 'Eviction',
    verbs: ['create'],
  });
  assert.equal(found('bindings')?.storageVersionHash, undefined);
  assert.deepEqual(apiGroup(schema.resources, 'autoscaling'), {
    kind: 'APIGroup',
    apiVersion: 'v1',
    name: 'autoscaling',
    versions: [
      { groupVersion: 'autoscaling/v2', version: 'v2' },
      { groupVersion: 'autoscaling/v1', version: 'v1' },
    ],
    preferredVersion: { groupVersion: 'autoscaling/v2', version: 'v2' },
  });
  assert.equal(apiGroup(schema.resources, 'nope'), undefined);
  assert.equal(apiResourceList(schema.resources, 'apps', 'v1beta1'), undefined);
  assert.equal(
    (apiGroupList(schema.resources) as { groups: { name: string }[] }).groups[0]?.name,
    'apiregistration.k8s.io',
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadSchema } from '../schema/load-schema.ts';
import { aggregatedDiscovery, apiGroup, apiGroupList, apiResourceList } from './discovery.ts';

const resources = loadSchema().resources.map((def) => ({ def }));

test('discovery – the aggregated documents and the older lists – contain the served resources', () => {
  const core = aggregatedDiscovery(resources, true) as {
    items: { versions: { resources: { resource: string }[] }[] }[];
  };
  assert.equal(core.items.length, 1);
  assert.ok(core.items[0]!.versions[0]!.resources.some((resource) => resource.resource === 'pods'));
  const list = apiResourceList(resources, '', 'v1') as {
    resources: { name: string; storageVersionHash?: string }[];
  };
  const found = (name: string) => list.resources.find((resource) => resource.name === name);
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
  assert.deepEqual(apiGroup(resources, 'autoscaling'), {
    kind: 'APIGroup',
    apiVersion: 'v1',
    name: 'autoscaling',
    versions: [
      { groupVersion: 'autoscaling/v2', version: 'v2' },
      { groupVersion: 'autoscaling/v1', version: 'v1' },
    ],
    preferredVersion: { groupVersion: 'autoscaling/v2', version: 'v2' },
  });
  assert.equal(apiGroup(resources, 'nope'), undefined);
  assert.equal(apiResourceList(resources, 'apps', 'v1beta1'), undefined);
  assert.equal(
    (apiGroupList(resources) as { groups: { name: string }[] }).groups[0]?.name,
    'apiregistration.k8s.io',
  );
});

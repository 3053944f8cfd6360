import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kindOf } from '../kinds/kinds.ts';
import { loadSchema } from '../schema/load-schema.ts';
import { aggregatedDiscovery, apiGroup, apiGroupList, apiResourceList } from './discovery.ts';

const resources = loadSchema().resources.map((def) => ({ def }));
const withKinds = resources.map(({ def }) => ({ def, kind: kindOf(def) }));

test('discovery – kinds that upstream stores in an older version – have the hash of that version', () => {
  const hashes: readonly (readonly [group: string, resource: string, hash: string])[] = [
    ['admissionregistration.k8s.io', 'mutatingadmissionpolicies', 'LYmCf+UMVdg='],
    ['admissionregistration.k8s.io', 'mutatingadmissionpolicybindings', '90V5FRZZ3Zg='],
    ['apiextensions.k8s.io', 'customresourcedefinitions', 'jfWCUB31mvA='],
    ['', 'pods', 'xPOwRZ+Yhw8='],
  ];
  for (const [group, resource, hash] of hashes) {
    const { resources } = apiResourceList(withKinds, group, 'v1') as {
      resources: { name: string; storageVersionHash?: string }[];
    };
    assert.equal(resources.find(({ name }) => name === resource)?.storageVersionHash, hash, resource);
  }
});

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

test('aggregated discovery – of custom resources – names group and version of each kind, of others only where they differ', () => {
  const [def] = resources.filter((resource) => resource.def.kind === 'ReplicationController');
  const kindsOf = (resource: (typeof resources)[number] & { kind?: { isJsonOnly: boolean } }) => {
    const { items } = aggregatedDiscovery([resource], true) as {
      items: {
        versions: { resources: { responseKind: object; subresources: { responseKind: object }[] }[] }[];
      }[];
    };
    const { responseKind, subresources } = items[0]!.versions[0]!.resources[0]!;
    return [responseKind, ...subresources.map((subresource) => subresource.responseKind)];
  };
  const scale = { group: 'autoscaling', version: 'v1', kind: 'Scale' };
  const own = { group: '', version: '', kind: 'ReplicationController' };
  assert.deepEqual(kindsOf(def!), [own, scale, own]);
  const full = { ...own, version: 'v1' };
  assert.deepEqual(kindsOf({ ...def!, kind: { isJsonOnly: true } }), [full, scale, full]);
});

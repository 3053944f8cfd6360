/** The default roles of RBAC, rule by rule beside those of upstream. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClusterRole, PolicyRule } from '#api/generated/types.gen.ts';
import { upstreamTable } from '#testing/upstream-table.ts';
import { bootstrapObjects } from './objects.ts';

/** Of the cluster's add-ons, which upstream's API server does not create. */
const ownRoles = [
  'system:controller:dns-endpoint-slice-controller',

  'system:aggregated-metrics-reader',
  'system:coredns',
  'system:kubelet-serving-approver',
  'system:kybern-ingress',
  'system:local-path-provisioner',
  'system:network-policies',
];

const created = bootstrapObjects({ advertiseAddress: '192.0.2.1', securePort: 1 })
  .filter(({ kind }) => kind === 'ClusterRole')
  .map((role) => role as ClusterRole);
const createdByName = new Map(created.map((role) => [role.metadata!.name!, role]));

/** A row of labels, one of each label selector, one of each rule. */
function rowsOf({ metadata, aggregationRule, rules }: ClusterRole): string[][] {
  const name = metadata!.name!;
  const selectors = aggregationRule?.clusterRoleSelectors ?? [];
  return [
    [name, 'labels', pairs(metadata!.labels)],
    ...selectors.map(({ matchLabels }) => [name, 'aggregates', pairs(matchLabels)]),
    ...(rules ?? []).map((rule) => [name, ...ruleCells(rule)]),
  ];
}

function pairs(labels: Readonly<Record<string, string>> = {}): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(',');
}

function ruleCells({ verbs, apiGroups, resources, resourceNames, nonResourceURLs, ...rest }: PolicyRule) {
  assert.deepEqual(rest, {});
  const place = nonResourceURLs
    ? ['URLs', nonResourceURLs.join(',')]
    : [apiGroups!.map((group) => group || 'core').join(','), resources!.join(',')];
  return [verbs.join(','), ...place, ...(resourceNames ? [resourceNames.join(',')] : [])];
}

const upstream = Map.groupBy(upstreamTable('cluster-roles.tsv'), ([name]) => name!);

for (const [name, rows] of upstream) {
  test(`ClusterRole ${name} – of a new cluster – has upstream’s labels and rules`, () => {
    assert.deepEqual(rowsOf(createdByName.get(name)!), rows);
  });
}

test('the ClusterRoles – of a new cluster – are upstream’s and those of its add-ons', () => {
  assert.deepEqual([...createdByName.keys()].sort(), [...upstream.keys(), ...ownRoles].sort());
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupsByName, groupsByService } from './group-order.ts';
import { compareVersions } from './version-order.ts';

test('versions of an API – sorted – stable before beta before alpha, newer before older, then others by name', () => {
  const names = ['x', 'v1alpha1', 'v2', 'v1beta1', 'a', 'v10', 'v1', 'v1beta2', 'v2alpha3'];
  assert.deepEqual(names.sort(compareVersions), [
    ...['v10', 'v2', 'v1', 'v1beta2', 'v1beta1', 'v2alpha3', 'v1alpha1'],
    ...['a', 'x'],
  ]);
});

const priorityOf = (text: string) => {
  const [name, group, version] = text.split(' ');
  const [groupName, versionName] = name!.split('/');
  const priority = { group: Number(group), version: Number(version) };
  return { group: groupName!, version: versionName!, priority };
};

const listed = (groups: readonly { name: string; versions: readonly { version: string }[] }[]) =>
  groups.map(({ name, versions }) => `${name}: ${versions.map(({ version }) => version).join(' ')}`);

test('groups – sorted for the aggregated document – by the highest priority of a version, then by name', () => {
  const versions = ['b/v1 1000 100', 'a/v1beta1 1000 100', 'c/v1 900 1', 'c/v2 2000 1', 'b/v2 10 200'];
  assert.deepEqual(listed(groupsByName(versions.map(priorityOf))), ['c: v2 v1', 'a: v1beta1', 'b: v2 v1']);
});

test('groups – sorted for the older list – of one priority the first by the name of its APIService', () => {
  const versions = ['b/v1 1000 100', 'a/v1beta1 1000 100', 'c/v1 2000 1'];
  assert.deepEqual(listed(groupsByService(versions.map(priorityOf))), ['c: v1', 'b: v1', 'a: v1beta1']);
});

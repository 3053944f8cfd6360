import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serviceUnavailable } from '#api/meta/status.ts';
import type { ReadClient } from '#client/client.ts';
import { discover } from './discovery.ts';

const versionOf = (groupVersion: string) => ({
  versions: [{ groupVersion }],
  preferredVersion: { groupVersion },
});
const widget = { name: 'widgets', kind: 'Widget', namespaced: true, verbs: ['list'] };
const answers: Readonly<Record<string, object>> = {
  '/apis': {
    groups: [
      { name: 'down.io', ...versionOf('down.io/v1') },
      { name: 'a.io', ...versionOf('a.io/v2') },
      { name: 'empty.io', ...versionOf('empty.io/v1') },
      { name: 'no-versions.io', versions: null },
    ],
  },
  '/api/v1': { resources: [{ ...widget, name: 'bindings', kind: 'Binding', verbs: null }] },
  '/apis/a.io/v2': { resources: [widget, { ...widget, name: 'widgets/status' }] },
  // As Go writes empty lists.
  '/apis/empty.io/v1': { resources: null },
};

test('discovery – a group that does not answer – is named as upstream names it, the others are found', async () => {
  const raw = async (_: string, path: string) => {
    if (!answers[path]) throw serviceUnavailable('service unavailable');
    return answers[path];
  };
  const { resources, failures } = await discover({ raw } as unknown as ReadClient);
  assert.deepEqual(
    resources.map(({ type: { group, version, resource }, verbs }) => [group, version, resource, verbs]),
    [
      ['', 'v1', 'bindings', []],
      ['a.io', 'v2', 'widgets', ['list']],
    ],
  );
  assert.deepEqual(failures, ['down.io/v1: stale GroupVersion discovery: down.io/v1']);
});

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
    ],
  },
  '/api/v1': { resources: [] },
  '/apis/a.io/v2': { resources: [widget, { ...widget, name: 'widgets/status' }] },
};

test('discovery – a group that does not answer – is named as upstream names it, the others are found', async () => {
  const raw = async (_: string, path: string) => {
    if (!answers[path]) throw serviceUnavailable('service unavailable');
    return answers[path];
  };
  const { resources, failures } = await discover({ raw } as unknown as ReadClient);
  assert.deepEqual(
    resources.map(({ type: { group, version, resource } }) => [group, version, resource]),
    [['a.io', 'v2', 'widgets']],
  );
  assert.deepEqual(failures, ['down.io/v1: stale GroupVersion discovery: down.io/v1']);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMaps } from '#api/generated/kinds.gen.ts';
import { patchOf, startHooks } from '#testing/server/hooks.ts';

const map = (name: string, more: object = {}) => ({ metadata: { name, namespace: 'default' }, ...more });

test('an object – that a webhook patches – is stored with the patch', async (t) => {
  const { api, answer, configure, asked } = await startHooks(t);
  await configure('mutating', 'hook');
  answer('/hook', () => patchOf({ op: 'add', path: '/data', value: { a: 'b' } }));
  const made = await api.client.create(configMaps, map('c'));
  assert.deepEqual(made.data, { a: 'b' });
  const { object } = asked()[0]!;
  assert.deepEqual(Object.keys(object!.metadata!).sort(), ['name', 'namespace']);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMaps } from '#api/generated/kinds.gen.ts';
import { createClient } from './client.ts';

test('a list without items – which a server in Go writes as null – has none', async () => {
  const body = Buffer.from('{"kind":"ConfigMapList","metadata":{"resourceVersion":"7"},"items":null}');
  const client = createClient({
    request: async () => ({ status: 200, headers: {}, body }),
    close: async () => {},
  });
  const { metadata, items } = await client.list(configMaps);
  assert.deepEqual([metadata.resourceVersion, items], ['7', []]);
});

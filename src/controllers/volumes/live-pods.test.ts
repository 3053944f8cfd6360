import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namespaces, pods } from '#api/generated/kinds.gen.ts';
import type { Client } from '#client/client.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { LivePods } from './live-pods.ts';

test('a list under way – callers that come meanwhile – they share the next one, which is newer', async () => {
  await using api = await startTestServer();
  const { client } = api;
  await client.create(namespaces, { metadata: { name: 'n' } });
  const spec = { containers: [{ name: 'c', image: 'i' }] };
  await client.create(pods, { metadata: { name: 'a', namespace: 'n' }, spec });
  let lists = 0;
  const held = Promise.withResolvers<void>();
  const list: Client['list'] = async (type, options) => {
    lists++;
    const answer = await client.list(type, options);
    if (lists === 1) await held.promise;
    return answer;
  };
  const live = new LivePods({ ...client, list }, () => true);
  const first = live.list('n');
  await client.create(pods, { metadata: { name: 'b', namespace: 'n' }, spec });
  const asked = [live.list('n'), live.list('n'), live.list('n')];
  held.resolve();
  assert.equal((await first).length, 1);
  const later = await Promise.all(asked);
  assert.deepEqual(
    later.map(({ length }) => length),
    [2, 2, 2],
  );
  assert.equal(lists, 2);
  assert.equal((await live.list('n')).length, 2);
});

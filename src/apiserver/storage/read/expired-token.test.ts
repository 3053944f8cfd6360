/**
 * A continue token lives as long as upstream's: until the state it stands for is compacted, changed since or
 * not.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMaps } from '#api/generated/kinds.gen.ts';
import { bodyText } from '#client/transport/body.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';

const path = '/api/v1/namespaces/ns/configmaps';
const minuteMs = 60_000;

test('a continue token – nothing written since, five minutes – still good; ten minutes – 410 and a token for the rest', async () => {
  const clock = new VirtualClock();
  await using server = await startTestServer({ env: { clock } });
  const list = async (query: string) => {
    const answer = await server.transport.request({ method: 'GET', path: `${path}?${query}`, headers: {} });
    return { status: answer.status, body: JSON.parse(await bodyText(answer)) };
  };
  for (const name of ['a', 'b', 'c', 'd']) {
    await server.client.create(configMaps, { metadata: { name, namespace: 'ns' } });
  }
  const first = (await list('limit=1')).body.metadata;
  await clock.advance(5 * minuteMs);
  assert.equal((await list(`limit=1&continue=${first.continue}`)).status, 200);
  await clock.advance(5 * minuteMs);
  const late = await list(`limit=1&continue=${first.continue}`);
  assert.deepEqual([late.status, late.body.reason], [410, 'Expired']);
  assert.match(late.body.message, /^The provided continue parameter is too old to display a consistent list/);
  const rest = await list(`limit=1&continue=${late.body.metadata.continue}`);
  assert.equal(rest.body.items[0].metadata.name, 'b');
  assert.notEqual(rest.body.metadata.resourceVersion, first.resourceVersion);
  const last = await list(`continue=${rest.body.metadata.continue}`);
  assert.deepEqual(
    last.body.items.map((item: { metadata: { name: string } }) => item.metadata.name),
    ['c', 'd'],
  );
  assert.equal(last.body.metadata.resourceVersion, rest.body.metadata.resourceVersion);
  const exact = await list(`resourceVersion=${first.resourceVersion}&resourceVersionMatch=Exact`);
  assert.deepEqual(
    [exact.status, exact.body.message],
    [410, 'The resourceVersion for the provided list is too old.'],
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namespaces } from '#api/kinds.gen.ts';
import { systemEnv } from '#host/system-env.ts';
import { openInProcess } from '#testing/api-server.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import type { Client } from './client.ts';
import { runLeaderElection } from './leader-election.ts';

test('a leader cut off stops after ten seconds, and another leads once fifteen have passed', async () => {
  const clock = new VirtualClock();
  const env = { ...systemEnv(), clock };
  const server = await openInProcess();
  const log: string[] = [];
  let isCutOff = false;
  const cuttable: Client = {
    ...server.client,
    get: (...args) => (isCutOff ? Promise.reject(new Error('no route')) : server.client.get(...args)),
  };
  const candidate = (identity: string, client: Client) =>
    runLeaderElection({
      env,
      client,
      namespace: 'default',
      name: 'lock',
      identity,
      onStartedLeading: () => log.push(`${identity} leads`),
      onStoppedLeading: () => log.push(`${identity} stopped`),
    });
  await server.client.create(namespaces, { metadata: { name: 'default' } });
  const first = candidate('a', cuttable);
  await clock.advance(0);
  const second = candidate('b', server.client);
  try {
    await clock.advance(5_000);
    assert.deepEqual(log, ['a leads']);
    isCutOff = true;
    await clock.advance(9_000);
    assert.deepEqual(log, ['a leads'], 'it may still get through');
    await clock.advance(4_000);
    assert.deepEqual(log, ['a leads', 'a stopped']);
    await clock.advance(8_000);
    assert.deepEqual(log, ['a leads', 'a stopped', 'b leads']);
  } finally {
    await Promise.all([first.stop(), second.stop()]);
    await server.close();
  }
});

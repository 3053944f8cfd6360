import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { events, leases, namespaces } from '#api/generated/kinds.gen.ts';
import { systemEnv } from '#host/system-env.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import type { Client } from '../client.ts';
import { createEventRecorder } from '../events/recorder.ts';
import { type LeaderElection, runLeaderElection } from './leader-election.ts';

/** What happens to requests of a candidate that was cut off from the server. */
type CutOff = () => Promise<never>;
const refused: CutOff = () => Promise.reject(new Error('no route'));
const silent: CutOff = () => new Promise(() => {});

async function arena(t: TestContext) {
  const clock = new VirtualClock();
  const env = { ...systemEnv(), clock };
  const api = await startTestServer();
  t.after(api.stop);
  const { client } = api;
  await client.create(namespaces, { metadata: { name: 'default' } });
  const log: string[] = [];
  const running: { election: LeaderElection; cut(how: CutOff | undefined): void }[] = [];
  t.after(async () => {
    for (const { cut } of running) cut(undefined);
    await Promise.all(running.map(({ election }) => election.stop()));
  });
  const lock = { namespace: 'default', name: 'lock' };
  return {
    clock,
    client,
    log,
    lease: async () => (await client.get(leases, lock)).spec,
    candidate(identity: string) {
      let cutOff: CutOff | undefined;
      const cuttable: Client = {
        ...client,
        get: (...args) => cutOff?.() ?? client.get(...args),
        update: (...args) => cutOff?.() ?? client.update(...args),
      };
      const election = runLeaderElection({
        env,
        client: cuttable,
        recorder: createEventRecorder({ env, client, component: 'candidate' }),
        ...lock,
        identity,
        onStartedLeading: () => log.push(`${identity} leads`),
        onStoppedLeading: () => log.push(`${identity} stopped`),
      });
      const candidate = {
        election,
        cut(how: CutOff | undefined) {
          cutOff = how;
        },
      };
      running.push(candidate);
      return candidate;
    },
  };
}

for (const [what, how] of [
  ['cut off', refused],
  ['left without an answer', silent],
] as const) {
  test(`a leader – ${what} – stops after ten seconds, and another leads after fifteen`, async (t) => {
    const { clock, log, candidate } = await arena(t);
    const first = candidate('a');
    await clock.advance(0);
    candidate('b');
    await clock.advance(5_000);
    assert.deepEqual(log, ['a leads']);
    first.cut(how);
    await clock.advance(9_000);
    assert.deepEqual(log, ['a leads'], 'it may still get through');
    await clock.advance(4_000);
    assert.deepEqual(log, ['a leads', 'a stopped']);
    await clock.advance(8_000);
    assert.deepEqual(log, ['a leads', 'a stopped', 'b leads']);
    first.cut(undefined);
    await clock.advance(20_000);
    assert.deepEqual(log, ['a leads', 'a stopped', 'b leads'], 'who comes back waits');
  });
}

test('a candidate – leads, follows, or neither – is healthy unless it knows no leader, and reports why', async (t) => {
  const { clock, candidate } = await arena(t);
  const first = candidate('a');
  await clock.advance(0);
  const second = candidate('b');
  await clock.advance(3_000);
  const failures = () => [first, second].map(({ election }) => election.failure);
  assert.deepEqual(failures(), [undefined, undefined]);
  first.cut(refused);
  second.cut(silent);
  await clock.advance(5_000);
  assert.equal(first.election.failure, undefined, 'it still leads');
  await clock.advance(20_000);
  assert.deepEqual(failures(), ['lease lock: no route', 'lease lock: no answer']);
  for (const candidate of [first, second]) candidate.cut(undefined);
  await clock.advance(20_000);
  assert.deepEqual(failures(), [undefined, undefined]);
  await second.election.stop();
  assert.deepEqual(failures(), [undefined, 'stopped']);
});

test('a candidate that restarts with its old identity – continues with its lease at once', async (t) => {
  const { clock, log, lease, candidate } = await arena(t);
  const killed = candidate('a');
  await clock.advance(3_000);
  killed.cut(silent);
  const before = await lease();
  candidate('a');
  await clock.advance(0);
  assert.deepEqual(log, ['a leads', 'a leads']);
  const after = await lease();
  assert.deepEqual(
    [after?.acquireTime, after?.leaseTransitions],
    [before?.acquireTime, before?.leaseTransitions],
  );
});

test('a change of the leader – is recorded as an event of the lease', async (t) => {
  const { clock, client, candidate } = await arena(t);
  const { election } = candidate('a');
  await clock.advance(0);
  await election.stop();
  const recorded = (await client.list(events)).items;
  assert.deepEqual(
    recorded.map(({ involvedObject, reason, message }) => [involvedObject.kind, reason, message]),
    [
      ['Lease', 'LeaderElection', 'a became leader'],
      ['Lease', 'LeaderElection', 'a stopped leading'],
    ],
  );
});

test('a wall clock that jumps – makes no candidate lose or take a lease', async (t) => {
  const { clock, log, candidate } = await arena(t);
  candidate('a');
  await clock.advance(0);
  candidate('b');
  for (const jumpMs of [3_600_000, -7_200_000]) {
    clock.jump(jumpMs);
    await clock.advance(60_000);
  }
  assert.deepEqual(log, ['a leads']);
});

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { silentLog } from '#base/log.ts';
import type { PreparedClaim } from './prepared-claim.ts';
import { PreparedClaims } from './prepared-claims.ts';

async function folder(t: TestContext): Promise<string> {
  const dir = await mkdtemp('/tmp/kybern-prepared-');
  t.after(() => rm(dir, { recursive: true }));
  return dir;
}

function claim(name: string, ...podUids: string[]): PreparedClaim {
  return {
    namespace: 'default',
    name,
    uid: name,
    podUids: new Set(podUids),
    devices: new Map(),
    isPrepared: false,
  };
}

test('prepared claims – saved many times at once – are all there in the next life of the kubelet', async (t) => {
  const dir = await folder(t);
  const claims = await PreparedClaims.open(silentLog, dir);
  const names = Array.from({ length: 50 }, (_, number) => `c${number}`);
  await Promise.all(
    names.map((name) => {
      claims.set(claim(name, 'p'));
      return claims.save();
    }),
  );
  const next = await PreparedClaims.open(silentLog, dir);
  assert.deepEqual(
    next.list().map(({ name }) => name),
    names,
  );
  assert.deepEqual(next.ofPod('p').length, 50);
  assert.deepEqual(next.ofPod('other'), []);
});

test('prepared claims – their file was changed – keep the kubelet from starting', async (t) => {
  const dir = await folder(t);
  await writeFile(`${dir}/dra_manager_state`, '{"Data":"{}","Checksum":1}');
  await assert.rejects(PreparedClaims.open(silentLog, dir), {
    message:
      'create ResourceClaim cache: GetOrCreate() on checkpoint state: failed to get checkpoint dra_manager_state: ' +
      `checkpoint is corrupted, please drain this node and delete the state file "${dir}/dra_manager_state"`,
  });
});

test('changes of claims – that have a claim in common – happen one after the other, others at once', async (t) => {
  const claims = await PreparedClaims.open(silentLog, await folder(t));
  const log: string[] = [];
  const { promise: gate, resolve: openGate } = Promise.withResolvers<void>();
  const change = (what: string, names: string[], until?: Promise<void>) =>
    claims.alone('default', names, async () => {
      log.push(`+${what}`);
      await until;
      log.push(`-${what}`);
    });
  const first = change('first', ['a', 'b'], gate);
  const failing = assert.rejects(
    claims.alone('default', ['b'], () => Promise.reject(new Error('it fails'))),
    { message: 'it fails' },
  );
  const second = change('second', ['c', 'b']);
  await change('other', ['d']);
  openGate();
  await Promise.all([first, failing, second]);
  assert.deepEqual(log, ['+first', '+other', '-other', '-first', '+second', '-second']);
});

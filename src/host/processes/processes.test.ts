import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { endProcess, identityByPs, identityOf, isAlive, isStillAlive } from './processes.ts';

const noPs = spawnSync('ps', ['-p', '1']).error ? 'this machine has no ps' : false;

async function sleeper() {
  const child = spawn('sleep', ['600']);
  await once(child, 'spawn');
  return { child, pid: child.pid! };
}

test('a process – identified by number and start time – until it ends', async () => {
  const { child, pid } = await sleeper();
  const identity = identityOf(pid)!;
  assert.equal(isAlive(identity), true);
  assert.equal(isAlive({ ...identity, startTicks: `${identity.startTicks}0` }), false);
  await endProcess(identity, 60_000);
  if (child.signalCode === null) await once(child, 'exit');
  assert.equal(child.signalCode, 'SIGTERM');
  assert.equal(identityOf(pid), undefined);
});

test('a process – looked for without holding the thread – is found until it ends, not under another start time', async () => {
  const { child, pid } = await sleeper();
  const identity = identityOf(pid)!;
  assert.equal(await isStillAlive(identity), true);
  assert.equal(await isStillAlive({ ...identity, startTicks: `${identity.startTicks}0` }), false);
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal(await isStillAlive(identity), false);
});

test('a process – without /proc – its start time comes from ps', { skip: noPs }, async () => {
  const { child, pid } = await sleeper();
  const identity = identityByPs(pid)!;
  assert.equal(identity.pid, pid);
  assert.ok(Math.abs(Date.parse(`${identity.startTicks} UTC`) - Date.now()) < 60_000, identity.startTicks);
  assert.deepEqual(identityByPs(pid), identity);
  child.kill();
  await once(child, 'exit');
  assert.equal(identityByPs(pid), undefined);
});

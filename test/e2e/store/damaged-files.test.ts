/**
 * A cluster whose own files were damaged: every command names them in one line, and `delete` removes all of
 * it.
 */

import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { identityOf, isAlive } from '#host/processes/processes.ts';
import {
  eventually,
  kubectl,
  kybern,
  newCluster,
  startTestCluster,
  tryKybern,
} from '../../support/cluster.ts';
import { addBusybox } from '../../support/images.ts';
import { machineState, settledMachineState } from '../../support/machine.ts';

test('a running cluster – its files are cut short – is deleted without a trace', async (t) => {
  const cluster = newCluster('cut');
  t.after(() => cluster.dispose());
  const before = await settledMachineState(cluster);
  await kybern(cluster, ['up', '--name', 'cut', '--port', '0']);
  await addBusybox(cluster, 'kybern.test/busybox:1');
  await kubectl(cluster, ['run', 'sleeper', '--image=kybern.test/busybox:1']);
  await kubectl(cluster, ['wait', '--for=condition=Ready', 'pod/sleeper', '--timeout=60s']);
  for (const file of ['config.json', 'state.json']) {
    truncateSync(join(cluster.home, 'clusters/cut', file), 20);
  }
  const { code, stdout, stderr } = await tryKybern(cluster, ['delete', '--name', 'cut']);
  assert.deepEqual([code, stdout], [0, 'cluster cut is deleted\n'], stderr);
  const lines = stderr.trimEnd().split('\n');
  assert.equal(lines.length, 1, stderr);
  assert.match(lines[0]!, /^warning: \S+\/cut\/config\.json cannot be read: .*; the rest/);
  assert.ok(!existsSync(cluster.home));
  const isAsBefore = () => assert.deepEqual(machineState(cluster), before) ?? true;
  await eventually('the machine is as it was', isAsBefore, 15_000);
});

test('a damaged file – each command – names it and the way out, and leaves other clusters as they were', async (t) => {
  const cluster = await startTestCluster(['--nodes', '0', '--store', 'memory'], 'hurt');
  t.after(async () => {
    await tryKybern(cluster, ['delete', '--name', 'whole']);
    await cluster.dispose();
  });
  const path = join(cluster.home, 'clusters/hurt/config.json');
  const good = readFileSync(path);
  writeFileSync(path, 'no JSON');
  for (const command of ['status', 'down', 'up']) await saysDamage([command, '--name', 'hurt']);
  // Made beside the damaged one.
  await kybern(cluster, ['up', '--name', 'whole', '--nodes', '0', '--store', 'memory', '--port', '0']);
  const { stdout } = await saysDamage(['list']);
  assert.match(stdout, /^NAME .*\nhurt +damaged +.*\nwhole +running .*\n$/);
  assert.equal(JSON.parse((await saysDamage(['list', '-o', 'json'])).stdout)[0].phase, 'damaged');
  const found = (await tryKybern(cluster, ['doctor'])).stdout;
  assert.match(found, /^lack +cluster hurt: .* cannot be read: .*kybern delete --name hurt\)$/m);
  writeFileSync(path, good);
  assert.match(await kybern(cluster, ['list']), /^hurt +running /m);

  async function saysDamage(args: string[]) {
    const output = await tryKybern(cluster, args);
    assert.equal(output.code, 1, JSON.stringify(output));
    assert.match(output.stderr, /^error: \S+\.json cannot be read: .*\nhint: .*kybern delete --name hurt\n$/);
    return output;
  }
});

test('state.json – damaged or missing – is made again from the running process; of a stopped cluster it is removed', async (t) => {
  const cluster = await startTestCluster(['--nodes', '0', '--store', 'memory'], 'state');
  t.after(() => cluster.dispose());
  const path = join(cluster.home, 'clusters/state/state.json');
  const { process: main, supervisor, url, ready } = JSON.parse(readFileSync(path, 'utf8'));
  for (const damage of ['', 'no JSON', '{}', '{"process":{"pid":1}}', undefined]) {
    await t.test(damage ?? 'missing', async () => {
      if (damage === undefined) rmSync(path);
      else writeFileSync(path, damage);
      assert.match(await kybern(cluster, ['list']), /^state +running /m);
      const again = JSON.parse(readFileSync(path, 'utf8'));
      assert.deepEqual(
        [again.process, again.supervisor, again.url, again.ready],
        [main, supervisor, url, ready],
      );
    });
  }
  assert.match(await kybern(cluster, ['up', '--name', 'state']), /^cluster state is running at https:/);
  rmSync(path);
  process.kill(main.pid, 'SIGKILL');
  const again = await eventually('it is started again', async () => {
    const { stdout } = await tryKybern(cluster, ['status', '--name', 'state', '-o', 'json']);
    const status = JSON.parse(stdout);
    return status.phase === 'running' && status.pid !== main.pid && status;
  });
  rmSync(path);
  await kybern(cluster, ['down', '--name', 'state']);
  assert.ok(!identityOf(again.pid), 'down ends a process that has no note');
  writeFileSync(path, 'no JSON');
  assert.match(await kybern(cluster, ['list']), /^state +down /m);
  assert.ok(!existsSync(path));
});

test('a killed process – whose write-ahead log is gone – is not started over the loss, only when that is accepted', async (t) => {
  const cluster = await startTestCluster(['--nodes', '0'], 'loss');
  t.after(() => cluster.dispose());
  const dir = join(cluster.home, 'clusters/loss');
  const { process: main, supervisor } = JSON.parse(readFileSync(join(dir, 'state.json'), 'utf8'));
  process.kill(main.pid, 'SIGKILL');
  rmSync(join(dir, 'state.db-wal'));
  await eventually('the supervisor has given up', () => !isAlive(supervisor));
  assert.match(await kybern(cluster, ['list']), /^loss +down /m);
  const refused = await tryKybern(cluster, ['up', '--name', 'loss']);
  assert.equal(refused.code, 1);
  assert.match(
    refused.stderr,
    /^error: store: \S+state\.db-wal is missing: .*\nhint: .*kybern up --name loss --accept-loss\n$/,
  );
  const { stderr } = await tryKybern(cluster, ['up', '--name', 'loss', '--accept-loss']);
  assert.match(stderr, /^warning: \S+state\.db-wal is missing: /);
  assert.match(await kybern(cluster, ['list']), /^loss +running /m);
});

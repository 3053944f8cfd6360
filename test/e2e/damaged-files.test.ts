/** A cluster whose own files were damaged: every command says which in one line, and `delete` takes all of it away. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually, kubectl, kybern, newCluster, startTestCluster, tryKybern } from '../support/cluster.ts';
import { addBusybox } from '../support/images.ts';
import { machineState, settledMachineState } from '../support/machine.ts';

test('a running cluster whose files are cut short is deleted without a trace', async (t) => {
  const cluster = newCluster('cut');
  t.after(() => cluster.dispose());
  const before = await settledMachineState(cluster);
  await kybern(cluster, ['up', '--name', 'cut', '--port', '0']);
  await addBusybox(cluster, 'kybern.test/busybox:1');
  await kubectl(cluster, ['run', 'sleeper', '--image=kybern.test/busybox:1']);
  await kubectl(cluster, ['wait', '--for=condition=Ready', 'pod/sleeper', '--timeout=60s']);
  for (const file of ['config.json', 'state.json'])
    truncateSync(join(cluster.home, 'clusters/cut', file), 20);
  const { code, stdout, stderr } = await tryKybern(cluster, ['delete', '--name', 'cut']);
  assert.deepEqual([code, stdout], [0, 'cluster cut is gone\n'], stderr);
  const lines = stderr.trimEnd().split('\n');
  assert.equal(lines.length, 2, stderr);
  for (const [index, file] of ['config.json', 'state.json'].entries())
    assert.match(lines[index]!, new RegExp(`^warning: \\S+/cut/${file} cannot be read: .*; what there is`));
  assert.ok(!existsSync(cluster.home));
  const isAsBefore = () => assert.deepEqual(machineState(cluster), before) ?? true;
  await eventually('the machine is as it was', isAsBefore, 15_000);
});

test('each command names the damaged file and the way out, and other clusters are as they were', async (t) => {
  const cluster = await startTestCluster(['--nodes', '0', '--store', 'memory'], 'hurt');
  t.after(async () => {
    await tryKybern(cluster, ['delete', '--name', 'whole']);
    await cluster.dispose();
  });
  for (const file of ['state.json', 'config.json']) {
    const path = join(cluster.home, 'clusters/hurt', file);
    const good = readFileSync(path);
    writeFileSync(path, 'no JSON');
    for (const command of ['status', 'down', 'up']) await saysDamage([command, '--name', 'hurt']);
    // Made, or found, beside the damaged one.
    await kybern(cluster, ['up', '--name', 'whole', '--nodes', '0', '--store', 'memory', '--port', '0']);
    const { stdout } = await saysDamage(['list']);
    assert.match(stdout, /^NAME .*\nhurt +damaged +.*\nwhole +running .*\n$/);
    assert.equal(JSON.parse((await saysDamage(['list', '-o', 'json'])).stdout)[0].phase, 'damaged');
    const found = (await tryKybern(cluster, ['doctor'])).stdout;
    assert.match(found, /^lack +cluster hurt: .* cannot be read: .*kybern delete --name hurt\)$/m);
    writeFileSync(path, good);
  }
  assert.match(await kybern(cluster, ['list']), /^hurt +running /m);

  async function saysDamage(args: string[]) {
    const output = await tryKybern(cluster, args);
    assert.equal(output.code, 1, JSON.stringify(output));
    assert.match(output.stderr, /^error: \S+\.json cannot be read: .*\nhint: .*kybern delete --name hurt\n$/);
    return output;
  }
});

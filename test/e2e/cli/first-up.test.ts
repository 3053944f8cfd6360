/** Several first `up`s of one name at the same moment: one makes the cluster, the others meet it. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { kybern, newCluster, type TestCluster, tryKybern } from '../../support/cluster.ts';
import { machineState, settledMachineState } from '../../support/machine.ts';

const real: string[] = [];
const simulated = ['--nodes', '0', '--simulated', '1', '--store', 'memory'];

for (const [what, flags, count] of [
  ['with a real node', real, 2],
  ['with simulated nodes', simulated, 4],
] as const) {
  test(`first ups – ${count} at once, ${what} – make one cluster`, async (t) => {
    const cluster = clusterOf(t);
    const before = await settledMachineState(cluster);
    const call = () => tryKybern(cluster, ['up', '--name', cluster.name, '--port', '0', ...flags]);
    const outputs = await Promise.all(Array.from({ length: count }, call));
    const made = outputs.filter(({ stdout }) => stdout.includes('cluster same is ready at'));
    assert.equal(made.length, 1, JSON.stringify(outputs, null, 2));
    for (const output of outputs) if (!made.includes(output)) meetsIt(output);
    const { phase, nodes } = JSON.parse(await kybern(cluster, ['status', '--name', 'same', '-o', 'json']));
    assert.deepEqual([phase, nodes.length], ['running', 1]);
    const started = processes(cluster).filter((line) => line.includes('--foreground'));
    // The process, and its supervisor.
    assert.deepEqual(
      [started.length, started.filter((line) => line.includes('/bin/supervise')).length],
      [2, 1],
    );
    await kybern(cluster, ['delete', '--name', 'same']);
    assert.deepEqual(machineState(cluster), before);
  });
}

test('a first up – that fails beside another – leaves that other one its cluster', async (t) => {
  const cluster = clusterOf(t);
  const flags = ['--name', 'same', '--port', '0', '--nodes', '0'];
  const wrong = ['--simulated', '5000', '--nodes', '1'];
  const outputs = await Promise.all([
    kybern(cluster, ['up', ...flags]),
    tryKybern(cluster, ['up', ...flags, ...wrong]),
  ]);
  assert.equal(outputs[1].code, 1);
  const config = JSON.parse(readFileSync(join(cluster.home, 'clusters/same/config.json'), 'utf8'));
  assert.equal(config.realNodes, 0);
  assert.match(await kybern(cluster, ['list']), /^same +running/m);
});

test('an up – killed before its process was recorded – makes no cluster of its own', async (t) => {
  const cluster = clusterOf(t);
  const { code, stderr } = await tryKybern(cluster, ['up', '--foreground', '--prepared', '--name', 'same']);
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^error: cluster same was left without a process while it started\nhint: kybern up --name same\n$/,
  );
  assert.ok(!existsSync(cluster.home));
});

function clusterOf(t: TestContext): TestCluster {
  const cluster = newCluster('same');
  t.after(() => cluster.dispose());
  return cluster;
}

/** While it starts, or when it is there. */
function meetsIt({ code, stdout, stderr }: Awaited<ReturnType<typeof tryKybern>>): void {
  if (code === 0) assert.match(stdout, /^cluster same is running at https:/);
  else assert.match(stderr, /^error: cluster same is being started by process \d+\nhint: /);
}

function processes(cluster: TestCluster): string[] {
  return machineState(cluster).filter((line) => line.startsWith('process '));
}

/** `kybern doctor`: a line for each finding, and what it says of clusters. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { clusterPaths, startingState, writeState } from '#host/home/cluster-home.ts';
import { identityOf } from '#host/processes/processes.ts';
import { ownHome } from '#testing/cli/own-home.ts';
import { keepCluster, runCommand } from '#testing/cli/run-command.ts';
import { doctor, missingForRealNode } from './doctor.ts';

/** The lines about clusters and the command's exit code. */
async function findings(t: TestContext) {
  const before = process.exitCode;
  t.after(() => {
    process.exitCode = before;
  });
  process.exitCode = 0;
  const { printed, failure } = await runCommand(doctor, 'doctor');
  const exitCode = process.exitCode;
  process.exitCode = before;
  assert.equal(failure, undefined);
  return { printed, exitCode, clusters: printed.filter((line) => line.includes('cluster ')) };
}

test('doctor – a stopped cluster and a running one – both are well', async (t) => {
  ownHome(t);
  keepCluster('one');
  keepCluster('two', { store: 'memory' });
  const self = identityOf(process.pid)!;
  writeState(clusterPaths('two'), { ...startingState(self), ready: true, url: 'https://127.0.0.1:7000' });
  assert.deepEqual((await findings(t)).clusters, [
    'ok    cluster one is down (sqlite)',
    'ok    cluster two is up (memory)',
  ]);
});

test('doctor – a cluster whose process is gone – lacks it, with the command that resumes it', async (t) => {
  ownHome(t);
  keepCluster('one');
  writeState(clusterPaths('one'), startingState({ ...identityOf(process.pid)!, pid: 2 ** 22 }));
  const { clusters, exitCode } = await findings(t);
  assert.deepEqual(clusters, [
    'lack  cluster one ended without being stopped (sqlite) (kybern up --name one resumes it)',
  ]);
  assert.equal(exitCode, 1);
});

test('doctor – a cluster whose config is damaged – lacks it, and the file is named', async (t) => {
  ownHome(t);
  keepCluster('one');
  writeFileSync(clusterPaths('one').config, '{');
  const { clusters, exitCode } = await findings(t);
  assert.equal(clusters.length, 1);
  assert.ok(clusters[0]!.startsWith('lack  cluster one: '), clusters.join());
  assert.ok(clusters[0]!.includes(clusterPaths('one').config), clusters.join());
  assert.equal(exitCode, 1);
});

test('doctor – no program in the path – every one is lacking, with the package that has it', async (t) => {
  ownHome(t);
  const before = process.env['PATH'];
  t.after(() => {
    process.env['PATH'] = before;
  });
  process.env['PATH'] = '/nowhere';
  const { printed, exitCode } = await findings(t);
  assert.ok(printed.includes('lack  program containerd (apt-get install containerd)'), printed.join('\n'));
  assert.equal(exitCode, 1);
  assert.match(missingForRealNode()!.what, /^this machine cannot run a real node: /);
  assert.match(
    missingForRealNode()!.hint,
    /, or start without real containers: kybern up --nodes 0 --simulated 1$/,
  );
});

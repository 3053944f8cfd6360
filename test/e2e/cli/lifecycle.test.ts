/** up, down, delete: one command each, nothing lost by the one and nothing left by the other. */

import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import {
  eventually,
  kubectl,
  kybern,
  newCluster,
  repository,
  startTestCluster,
  type TestCluster,
  tryKybern,
} from '../../support/cluster.ts';
import { addBusybox } from '../../support/images.ts';
import { machineState, settledMachineState } from '../../support/machine.ts';

test('delete – of a cluster – leaves the machine as it was', async (t) => {
  const cluster = newCluster('clean');
  const before = await settledMachineState(cluster);
  await kybern(cluster, ['up', '--name', 'clean', '--port', '0']);
  await addBusybox(cluster, 'kybern.test/busybox:1');
  await kubectl(cluster, ['run', 'sleeper', '--image=kybern.test/busybox:1']);
  await kubectl(cluster, ['wait', '--for=condition=Ready', 'pod/sleeper', '--timeout=60s']);
  const during = machineState(cluster).join('\n');
  for (const trace of [
    /process .*containerd-shim/,
    /mount .*\/netns\//,
    /link kyb/,
    /folder \/var\/lib\/cni/,
  ]) {
    await t.test(String(trace), () => {
      assert.match(during, trace);
    });
  }
  await kybern(cluster, ['delete', '--name', 'clean']);
  assert.ok(!existsSync(cluster.home), 'files are left in the home');
  await cluster.dispose();
  await isAsBefore(cluster, before);
});

test('a cluster – killed in the middle of up – is deleted without a trace', async () => {
  const cluster = newCluster('killed');
  const before = await settledMachineState(cluster);
  for (const afterMs of [100, 250, 400, 600, 900, 1500]) {
    const up = spawn(join(repository, 'bin/kybern'), ['up', '--name', 'killed', '--port', '0'], {
      env: cluster.env,
      stdio: 'ignore',
      detached: true,
    });
    await wait(afterMs);
    killGroup(up.pid!);
    killDaemon(cluster);
    const { code, stderr } = await tryKybern(cluster, ['delete', '--name', 'killed']);
    assert.ok(code === 0 || /there is no cluster/.test(stderr), stderr);
    await isAsBefore(cluster, before);
  }
  await cluster.dispose();
});

test('a cluster and its containerd – killed while pods start – are deleted without a trace', async () => {
  const cluster = newCluster('killed');
  const before = await settledMachineState(cluster);
  await kybern(cluster, ['up', '--name', 'killed', '--port', '0']);
  await addBusybox(cluster, 'kybern.test/busybox:1');
  for (const pod of ['a', 'b', 'c', 'd']) {
    await kubectl(cluster, ['run', pod, '--image=kybern.test/busybox:1']);
  }
  await eventually('the first sandbox is there', () => machineState(cluster).join().includes('netns'));
  killGroup(readPid(join(clusterDir(cluster), 'node/containerd.pid')));
  killDaemon(cluster);
  // A mount that a later one hides is reached only after that one.
  const dir = join(clusterDir(cluster), 'node/hidden');
  mkdirSync(join(dir, 'deep'), { recursive: true });
  for (const path of [join(dir, 'deep'), dir]) execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', path]);
  await kybern(cluster, ['delete', '--name', 'killed']);
  await cluster.dispose();
  await isAsBefore(cluster, before);
});

test('a cluster – whose pods hardly get any cpu – is deleted without a trace', async () => {
  const cluster = newCluster('throttled');
  const before = await settledMachineState(cluster);
  await kybern(cluster, ['up', '--name', 'throttled', '--port', '0']);
  await addBusybox(cluster, 'kybern.test/busybox:1', '["/bin/sh", "-c", "while :; do :; done"]');
  for (const pod of ['a', 'b', 'c']) {
    const container = { name: pod, image: 'kybern.test/busybox:1', resources: { limits: { cpu: '20m' } } };
    await kubectl(cluster, [
      'run',
      pod,
      '--image=kybern.test/busybox:1',
      `--overrides=${JSON.stringify({ spec: { containers: [container] } })}`,
    ]);
    await kubectl(cluster, ['wait', '--for=condition=Ready', `pod/${pod}`, '--timeout=120s']);
    const resources = { requests: { cpu: '1n' }, limits: { cpu: '1n' } };
    const patch = JSON.stringify({ spec: { containers: [{ name: pod, resources }] } });
    await kubectl(cluster, ['patch', 'pod', pod, '--subresource=resize', '--patch', patch]);
  }
  await kybern(cluster, ['delete', '--name', 'throttled']);
  await cluster.dispose();
  await isAsBefore(cluster, before);
});

test('up – interrupted – ends with a message and leaves nothing', async () => {
  const cluster = newCluster('killed');
  const before = await settledMachineState(cluster);
  const up = spawn(join(repository, 'bin/kybern'), ['up', '--name', 'killed', '--port', '0'], {
    env: cluster.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  up.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  // The first step is done: the cluster is half made.
  await once(up.stdout, 'data');
  up.kill('SIGINT');
  const [code] = await once(up, 'close');
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^error: cluster killed was interrupted while it was starting\nhint: .*--name killed\n$/,
  );
  assert.ok(!existsSync(cluster.home));
  await isAsBefore(cluster, before);
  await cluster.dispose();
});

async function isAsBefore(cluster: TestCluster, before: string[]): Promise<void> {
  await eventually(
    'the machine is as it was',
    () => assert.deepEqual(machineState(cluster), before) ?? true,
    15_000,
  );
}

function clusterDir(cluster: TestCluster): string {
  return join(cluster.home, 'clusters', cluster.name);
}

function readPid(file: string): number {
  return JSON.parse(readFileSync(file, 'utf8')).pid;
}

function killDaemon(cluster: TestCluster): void {
  const state = join(clusterDir(cluster), 'state.json');
  if (!existsSync(state)) return;
  const { process: main, supervisor } = JSON.parse(readFileSync(state, 'utf8'));
  killGroup((supervisor ?? main).pid);
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It had ended before.
  }
}

test('down – keeps the state – up resumes it with its pods untouched, and up again changes nothing', async (t) => {
  const cluster = await startTestCluster([], 'resume');
  t.after(() => cluster.dispose());
  await addBusybox(cluster, 'kybern.test/busybox:1');
  await kubectl(cluster, ['run', 'sleeper', '--image=kybern.test/busybox:1', '--restart=Never']);
  await kubectl(cluster, ['wait', '--for=condition=Ready', 'pod/sleeper', '--timeout=60s']);
  const id = () =>
    kubectl(cluster, [
      'get',
      'pod',
      'sleeper',
      '-o',
      'jsonpath={.metadata.uid} {.status.containerStatuses[0].containerID} {.status.containerStatuses[0].restartCount}',
    ]);
  const first = await id();
  assert.match(await kybern(cluster, ['up', '--name', 'resume']), /is running at/);
  await kybern(cluster, ['down', '--name', 'resume']);
  assert.equal((await tryKybern(cluster, ['status', '--name', 'resume'])).code, 1);
  await kybern(cluster, ['up', '--name', 'resume']);
  await kubectl(cluster, ['wait', '--for=condition=Ready', 'pod/sleeper', '--timeout=60s']);
  assert.equal(await id(), first);
});

test('secrets – in the files of a cluster – are readable by their owner only', async (t) => {
  const cluster = await startTestCluster(['--nodes', '0'], 'modes');
  t.after(() => cluster.dispose());
  const dir = join(cluster.home, 'clusters/modes');
  assert.equal(statSync(dir).mode & 0o777, 0o700);
  assert.equal(statSync(join(dir, 'admin.kubeconfig')).mode & 0o777, 0o600);
  assert.equal(statSync(cluster.kubeconfig).mode & 0o777, 0o600);
  assert.equal(statSync(join(dir, 'state.db')).mode & 0o777, 0o600);
});

test('two clusters – side by side – both work', async (t) => {
  const first = await startTestCluster(['--nodes', '0', '--simulated', '1'], 'one');
  t.after(async () => {
    await tryKybern(first, ['delete', '--name', 'two']);
    await first.dispose();
  });
  const flags = [
    'up',
    '--name',
    'two',
    '--port',
    '0',
    '--nodes',
    '0',
    '--simulated',
    '2',
    '--store',
    'memory',
  ];
  await kybern(first, flags);
  const status = JSON.parse(await kybern(first, ['status', '--name', 'two', '-o', 'json']));
  assert.equal(status.phase, 'running');
  assert.equal(status.nodes.length, 2);
  assert.match(await kybern(first, ['list']), /one +running +1\/1[\s\S]*two +running +2\/2/);
  assert.match(await kubectl(first, ['--context', 'kybern-one', 'get', 'nodes']), /Ready/);
});

test('two clusters – made at the same moment – share nothing, and one is deleted without the other', async (t) => {
  const home = newCluster('left');
  const right = { ...home, name: 'right' };
  const before = await settledMachineState(home);
  t.after(async () => {
    await tryKybern(home, ['delete', '--name', 'right']);
    await home.dispose();
  });
  const pair = [home, right];
  await Promise.all(pair.map(({ name }) => kybern(home, ['up', '--name', name, '--port', '0'])));
  const configs = pair.map((cluster) =>
    JSON.parse(readFileSync(join(clusterDir(cluster), 'config.json'), 'utf8')),
  );
  for (const field of ['port', 'bridge', 'table', 'podRange', 'serviceRange']) {
    await t.test(field, () => {
      assert.notEqual(configs[0][field], configs[1][field], field);
    });
  }
  const pod = async (cluster: TestCluster, ...args: string[]) =>
    kubectl(cluster, ['--context', `kybern-${cluster.name}`, ...args]);
  await Promise.all(
    pair.map(async (cluster) => {
      await addBusybox(cluster, 'kybern.test/busybox:1');
      await pod(cluster, 'run', 'sleeper', '--image=kybern.test/busybox:1');
      await pod(cluster, 'wait', '--for=condition=Ready', 'pod/sleeper', '--timeout=60s');
    }),
  );
  await kybern(home, ['delete', '--name', 'left']);
  assert.match(await kybern(home, ['list']), /^NAME.*\nright +running +1\/1/);
  const name = await pod(right, 'exec', 'sleeper', '--', 'nslookup', 'kubernetes.default.svc.cluster.local');
  assert.match(name, new RegExp(configs[1].serviceRange.replace('.0.0/16', '.0.1')));
  await kybern(home, ['delete', '--name', 'right']);
  await isAsBefore(home, before);
});

test('an ordinary user – has simulated nodes – and gets a message about what real ones need', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'kybern-user-'));
  const unprivileged = 65534;
  chownSync(home, unprivileged, unprivileged);
  t.after(() => rmSync(home, { recursive: true }));
  const program = installedFor(home);
  const env = { PATH: process.env['PATH'], HOME: home };
  const run = (...args: string[]) =>
    spawnSync(program, args, { uid: unprivileged, gid: unprivileged, env, cwd: '/', encoding: 'utf8' });
  const real = run('up', '--name', 'real');
  assert.match(
    real.stderr,
    /^error: this machine cannot run a real node: user 65534\nhint: real containers need root/,
  );
  const up = run('up', '--nodes', '0', '--simulated', '3', '--store', 'memory');
  assert.equal(up.status, 0, up.stderr);
  assert.equal(JSON.parse(run('status', '-o', 'json').stdout).nodes.length, 3);
  assert.equal(run('delete').status, 0);
  assert.ok(!existsSync(join(home, '.kybern')));
});

/** kybern as the package brings it, in a folder that every user can read: a checkout of root's cannot be. */
function installedFor(home: string): string {
  const modules = join(home, 'node_modules');
  for (const part of ['bin', 'package.json']) {
    cpSync(join(repository, part), join(modules, 'kybern', part), { recursive: true });
  }
  execFileSync(process.execPath, [join(repository, 'tools/bundle.ts'), join(modules, 'kybern/dist')]);
  cpSync(process.execPath, join(modules, 'node/bin/node'));
  return join(modules, 'kybern/bin/kybern');
}

const help = 'kybern help shows what there is';
const list = 'kybern list shows those there are';

const wrongCalls: [call: string, error: string, hint: string][] = [
  [
    'up --name Bad_Name',
    '"Bad_Name" is no cluster name',
    "lower-case letters, digits and '-' between them, at most 32 characters",
  ],
  [
    'up --store tape',
    "option '--store <store>' argument 'tape' is invalid. Allowed choices are sqlite, memory.",
    help,
  ],
  ['up --port x', '--port x is not a whole number from 0 to 65535', 'try: --port 0'],
  ['up --port 65536', '--port 65536 is not a whole number from 0 to 65535', 'try: --port 0'],
  ['up --nodes 100', '--nodes 100 is not a whole number from 0 to 99', 'try: --nodes 0'],
  [
    'up --simulated -1 --nodes 0',
    '--simulated -1 is not a whole number from 0 to 5000',
    'try: --simulated 0',
  ],
  ['up more', "too many arguments for 'up'. Expected 0 arguments but got 1.", help],
  [
    'list -o yaml',
    "option '-o, --output <format>' argument 'yaml' is invalid. Allowed choices are text, json.",
    help,
  ],
  ['sing', "unknown command 'sing'", help],
  ['image build .', "required option '-t, --tag <ref>' not specified", help],
  ...['status', 'delete', 'down', 'image ls', 'image rm web', 'logs', 'kubeconfig'].map(
    (command): [string, string, string] => [`${command} --name absent`, 'there is no cluster absent', list],
  ),
];

for (const [call, error, hint] of wrongCalls) {
  test(`kybern ${call} – is wrong – ends with one line and a hint`, async (t) => {
    const cluster = newCluster('wrong');
    t.after(() => cluster.dispose());
    const { code, stderr } = await tryKybern(cluster, call.split(' '));
    assert.deepEqual([code !== 0, stderr], [true, `error: ${error}\nhint: ${hint}\n`]);
  });
}

test('a home – that can hold no cluster – is named at once', async (t) => {
  const cluster = newCluster('wrong');
  t.after(() => cluster.dispose());
  const file = join(cluster.home, 'file');
  writeFileSync(file, '');
  for (const home of ['/proc/kybern/home', '/proc', '/sys/kybern', file, join(file, 'in')]) {
    const inHome = { ...cluster, env: { ...cluster.env, KYBERN_HOME: home } };
    for (const more of [[], ['--foreground']]) {
      const { code, stderr } = await tryKybern(inHome, ['up', '--nodes', '0', ...more]);
      assert.equal(code, 1);
      assert.match(stderr, /^error: no cluster can be kept in \S+: E.*\nhint: .*KYBERN_HOME.*\n$/);
      assert.ok(stderr.includes(` ${home}: `), stderr);
    }
  }
});

/**
 * A second machine, which is a network namespace with a home of its own, joins a cluster, works while the API is away and
 * after its process is killed, renews its certificates, and leaves without a trace.
 */

import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  eventually,
  kubectl,
  kybern,
  repository,
  runProgram,
  startTestCluster,
} from '../../support/cluster.ts';
import { addBusybox } from '../../support/images.ts';
import { type NetworkNamespace, networkNamespace } from '../../support/network-namespace.ts';

const cable = 'kybjoin0';
const image = 'example.com/busybox:1';
/** Renewed after 14 to 18 seconds. */
const configuration = `apiVersion: kybern.dev/v1
kind: ClusterConfiguration
controllerManager:
  args:
    cluster-signing-duration: 20s
`;

let cluster: Awaited<ReturnType<typeof startTestCluster>>;
let machine: NetworkNamespace;
const home = mkdtempSync(join(tmpdir(), 'kybern-joined-'));
const node = join(home, 'nodes', 'second');

async function run(words: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const [program = '', ...args] = words;
  const { code, stdout, stderr } = await runProgram(program, args, env);
  assert.equal(code, 0, `${words.join(' ')}: ${stdout}${stderr}`);
  return stdout.trim();
}

/** Of the second machine. */
function kybernThere(words: readonly string[]): Promise<string> {
  return run([...machine.enter, join(repository, 'bin', 'kybern'), ...words], {
    ...cluster.env,
    KYBERN_HOME: home,
  });
}

function agentPid(): number {
  return JSON.parse(readFileSync(join(node, 'state.json'), 'utf8')).process.pid;
}

function isReady(): Promise<boolean> {
  return kubectl(cluster, ['get', 'node', 'second', '--no-headers']).then((row) => /\sReady\s/.test(row));
}

const inPod = (command: string) => kubectl(cluster, ['exec', 'there', '--', 'sh', '-c', command]);

before(async () => {
  machine = await networkNamespace();
  await run(['ip', 'link', 'add', cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', machine.pid]);
  await run(['ip', 'address', 'add', '172.31.77.1/24', 'dev', cable]);
  await run(['ip', 'link', 'set', cable, 'up']);
  const inside = (words: string) => run([...machine.enter, 'ip', ...words.split(' ')]);
  await inside('address add 172.31.77.2/24 dev eth0');
  for (const device of ['eth0', 'lo']) await inside(`link set ${device} up`);
  const file = join(home, 'cluster.yaml');
  writeFileSync(file, configuration);
  cluster = await startTestCluster(['--address', '172.31.77.1', '--config', file]);
  await addBusybox(cluster, image);
});

after(async () => {
  if (existsSync(node)) await kybernThere(['leave']);
  await cluster.dispose();
  machine.leave();
  rmSync(home, { recursive: true, force: true });
  await runProgram('ip', ['link', 'delete', cable], process.env);
});

/** The image of the first node, for the second. */
async function copyImage(): Promise<void> {
  const archive = join(home, 'image.tar');
  const { run: there } = JSON.parse(readFileSync(join(node, 'agent.json'), 'utf8'));
  const here = await run([
    'sh',
    '-c',
    `grep -o '/run/kybern/[^"]*containerd.sock' ${cluster.home}/clusters/test/node/containerd.toml | head -n 1`,
  ]);
  await run(['ctr', '-a', here, '-n', 'k8s.io', 'images', 'export', archive, image]);
  await run(['ctr', '-a', join(there, 'containerd.sock'), '-n', 'k8s.io', 'images', 'import', archive]);
}

test('a machine – that joins by a token – is a Ready node whose pods run, log and take commands', async () => {
  const command = await kybern(cluster, ['token', 'create', '--name', 'test', '--print-join-command']);
  const joined = await kybernThere([...command.trim().split(' ').slice(1), '--node-name', 'second']);
  assert.match(joined, /this machine is node second of cluster test$/);
  await eventually('the second node is Ready', isReady);
  await copyImage();
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'there' },
    spec: {
      nodeName: 'second',
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'c', image, command: ['sh', '-c', 'echo begun; sleep 1000000'] }],
    },
  };
  await kubectl(cluster, ['apply', '-f', '-'], JSON.stringify(pod));
  await kubectl(cluster, ['wait', '--for=condition=Ready', 'pod/there', '--timeout=60s']);
  assert.equal(await kubectl(cluster, ['logs', 'there']), 'begun\n');
  assert.equal(await inPod('echo in it'), 'in it\n');
  // By its own service proxy, DNS and pod network, to the first machine.
  assert.match(await inPod('nslookup kubernetes.default.svc.cluster.local'), /10\.\d+\.0\.1/);
});

test('a joined node – whose process is killed while the API is away – keeps its pods, and works again', async () => {
  const before = await kubectl(cluster, [
    'get',
    'pod',
    'there',
    '-o',
    'jsonpath={.status.containerStatuses[0].containerID}',
  ]);
  await kybern(cluster, ['down', '--name', 'test']);
  const killed = agentPid();
  process.kill(killed, 'SIGKILL');
  await eventually('the supervisor starts it again', () => agentPid() !== killed);
  await kybern(cluster, ['up', '--name', 'test']);
  await eventually('commands work again', async () => (await inPod('echo again')) === 'again\n');
  const now = await kubectl(cluster, [
    'get',
    'pod',
    'there',
    '-o',
    'jsonpath={.status.containerStatuses[0].containerID}',
  ]);
  assert.equal(now, before);
  await eventually('the second node is Ready', isReady);
});

test('a joined node – past the life of its first certificates – has renewed them', async () => {
  const certificate = (kind: string) =>
    new X509Certificate(readFileSync(join(node, 'pki', `kubelet-${kind}-current.pem`)));
  for (const kind of ['client', 'server']) {
    const { serialNumber } = certificate(kind);
    await eventually(`another ${kind} certificate`, () => certificate(kind).serialNumber !== serialNumber);
  }
  assert.equal(await inPod('echo later'), 'later\n');
});

test('a machine – that leaves – has nothing of the node left', async () => {
  const { run: folder, table } = JSON.parse(readFileSync(join(node, 'agent.json'), 'utf8'));
  await kybernThere(['leave']);
  assert.equal(existsSync(join(home, 'nodes')), false);
  assert.equal(existsSync(folder), false);
  assert.ok(!(await run([...machine.enter, 'nft', 'list', 'tables'])).includes(table));
  assert.doesNotMatch(await run([...machine.enter, 'ip', '-brief', 'link']), /kyb/);
});

/**
 * exec, attach, cp and port-forward with stock kubectl over WebSocket and SPDY: what was said arrives, and no
 * exit code is made up. `STREAM_ROUNDS=200` (npm run streams) repeats each as often.
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { eventually, kubectl, startTestCluster } from '../../support/cluster.ts';
import { addBusybox } from '../../support/images.ts';
import { noteProgram } from '../../support/interruption.ts';
import { kubectlOf, kubectlProgram } from '../../support/kubectl-versions.ts';
import { messagesOf, openSocket } from '../../support/web-socket.ts';

const rounds = Number(process.env['STREAM_ROUNDS'] ?? 5);
/** A round that takes longer hangs. */
const roundTimeoutMs = 30_000;
const stallMs = 2500;
const bigBytes = 5_000_000;
const name = 'streams';
const image = 'kybern.test/busybox:1';
const oldest = kubectlOf('1.27');

interface Client {
  readonly name: string;
  readonly program: string;
  readonly env: NodeJS.ProcessEnv;
}

function clients(): Client[] {
  const env = (webSockets: string) => ({
    KUBECTL_REMOTE_COMMAND_WEBSOCKETS: webSockets,
    KUBECTL_PORT_FORWARD_WEBSOCKETS: webSockets,
  });
  const newest = kubectlProgram();
  return [
    { name: 'WebSocket', program: newest, env: env('true') },
    { name: 'SPDY', program: newest, env: env('false') },
    ...(oldest ? [{ name: 'SPDY of 1.27', program: oldest, env: {} }] : []),
  ];
}

let cluster: Awaited<ReturnType<typeof startTestCluster>>;
let big: string;
let bigSum: string;
const k = (...args: string[]) => kubectl(cluster, args);
const file = (path: string) => join(cluster.home, path);
const sumOf = (bytes: Buffer) => createHash('md5').update(bytes).digest('hex');

before(async () => {
  cluster = await startTestCluster([], name);
  await addBusybox(cluster, image);
  big = file('big');
  writeFileSync(big, randomBytes(bigBytes));
  bigSum = sumOf(readFileSync(big));
  await k('run', 'box', `--image=${image}`, '--port=80', '--', 'sh', '-c', 'mkdir /srv && httpd -f -h /srv');
  await k('wait', 'pod/box', '--for=condition=Ready', '--timeout=60s');
});

after(() => cluster?.dispose());

interface Ending {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** kubectl with the 5 MB on its stdin, which it need not read. */
function run(client: Client, args: readonly string[]): Promise<Ending> {
  const input = openSync(big, 'r');
  const env = { ...cluster.env, ...client.env };
  const child = noteProgram(spawn(client.program, args, { env, stdio: [input, 'pipe', 'pipe'] }));
  closeSync(input);
  const timer = setTimeout(() => child.kill('SIGKILL'), roundTimeoutMs);
  const out: Buffer[] = [];
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve) => {
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, stdout: Buffer.concat(out), stderr });
    });
  });
}

/** All rounds are run before any is judged: how many fail is what one wants to know. */
async function every(what: (round: number) => Promise<string>, wanted: string): Promise<void> {
  const endings = new Map<string, number>();
  for (let round = 0; round < rounds; round++) {
    const ending = await what(round);
    endings.set(ending, (endings.get(ending) ?? 0) + 1);
  }
  assert.deepEqual(Object.fromEntries(endings), { [wanted]: rounds });
}

for (const client of clients()) {
  describe(client.name, () => {
    test('exec: a command that ends without reading its stdin – its words and its exit code', async () => {
      await every(async () => {
        const args = ['exec', '-i', 'box', '--', 'sh', '-c', 'echo hello; exit 3'];
        const { code, stdout } = await run(client, args);
        return `${code} ${stdout}`;
      }, '3 hello\n');
    });

    test('exec: much in, much out – whole', async () => {
      await every(async () => {
        const { code, stdout } = await run(client, ['exec', '-i', 'box', '--', 'sh', '-c', 'cat; exit 4']);
        return `${code} ${sumOf(stdout)}`;
      }, `4 ${bigSum}`);
    });

    test('exec: 800 kB of arguments – all of them, through every hop', async () => {
      const long = Array(8).fill('x'.repeat(100_000));
      const words = ['exec', 'box', '--', 'sh', '-c', 'echo $#; echo "$8" | wc -c', 'sh', ...long];
      assert.deepEqual((await run(client, words)).stdout.toString(), '8\n100001\n');
    });

    test('cp: into a folder that is not there – an error, soon', async () => {
      await every(async () => {
        const { code, stderr } = await run(client, ['cp', big, 'box:/no/such/dir/x']);
        return `${code} ${stderr.includes("can't change directory to '/no/such/dir'")}`;
      }, '1 true');
    });

    test('cp: there and back – the same bytes', async () => {
      await every(async () => {
        const there = await run(client, ['cp', big, 'box:/srv/big']);
        const back = await run(client, ['cp', 'box:/srv/big', file('back')]);
        return `${there.code} ${back.code} ${sumOf(readFileSync(file('back')))}`;
      }, `0 0 ${bigSum}`);
    });

    test('attach: a container that ends without reading its stdin – its last words', async () => {
      await every(async (round) => {
        const pod = `attached-${client.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}-${round}`;
        await k(
          'run',
          pod,
          `--image=${image}`,
          '--restart=Never',
          '--stdin',
          '--attach=false',
          '--',
          'sh',
          '-c',
          'read x; echo bye',
        );
        await k('wait', `pod/${pod}`, '--for=condition=Ready', '--timeout=60s');
        const { code, stdout } = await run(client, ['attach', '-i', pod]);
        await k('delete', `pod/${pod}`, '--now', '--wait=false');
        return `${code} ${stdout}`;
      }, '0 bye\n');
    });

    test('port-forward: many downloads through one – each whole', async () => {
      await run(client, ['cp', big, 'box:/srv/big']);
      const env = { ...cluster.env, ...client.env };
      const args = ['port-forward', 'pod/box', ':80', '--address=127.0.0.1'];
      const child = noteProgram(spawn(client.program, args, { env, stdio: 'pipe' }));
      try {
        const port = await forwardedPort(child.stdout!);
        await every(async () => sumOf(await download(port)), bigSum);
      } finally {
        child.kill();
      }
    });
  });
}

function forwardedPort(stdout: NodeJS.ReadableStream): Promise<number> {
  let text = '';
  return new Promise((resolve) => {
    stdout.on('data', (chunk) => {
      text += chunk;
      const found = /127\.0\.0\.1:(\d+) ->/.exec(text);
      if (found) resolve(Number(found[1]));
    });
  });
}

function download(port: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: '/big', agent: false, timeout: roundTimeoutMs }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => resolve(Buffer.concat(chunks)));
    }).on('error', reject);
  });
}

const execPath = (query: string) => `/api/v1/namespaces/default/pods/box/exec?${query}`;

test('port-forward – by the older protocol over WebSocket – begins each channel with its port', async () => {
  await k('exec', 'box', '--', 'sh', '-c', 'echo page > /srv/page');
  const path = '/api/v1/namespaces/default/pods/box/portforward?ports=80';
  const socket = openSocket(cluster.kubeconfig, path, ['v4.channel.k8s.io']);
  const next = messagesOf(socket);
  assert.deepEqual([...((await next()) ?? [])], [0, 80, 0]);
  assert.deepEqual([...((await next()) ?? [])], [1, 80, 0]);
  socket.send(Buffer.from('\0GET /page HTTP/1.0\r\n\r\n'));
  let answer = '';
  for (let message = await next(); message; message = await next()) answer += message.subarray(1);
  assert.match(answer, /^HTTP\/1\.\d 200 OK\r\n/);
  assert.match(answer, /\r\n\r\npage\n$/);
});

test('exec – by an unknown protocol – is a 403', async () => {
  const socket = openSocket(cluster.kubeconfig, execPath('command=ls&stdout=true'), ['v9.channel.k8s.io']);
  const code = await new Promise<number | undefined>((resolve) => {
    socket.on('unexpected-response', (_, { statusCode }) => resolve(statusCode));
    socket.on('error', () => undefined);
  });
  assert.equal(code, 403);
});

/** The first reads its stdin and writes as much, the second only writes: unread, neither would end. */
const echo = ['sh', '-c', 'echo begun; exec cat -'];
const talk = ['cat', '/srv/big'];

/** Before it is accepted, once it is, and with more in it than the command takes. */
async function leaveSocket(round: number, protocol: string, command: readonly string[]): Promise<void> {
  const words = command.map((word) => `command=${encodeURIComponent(word)}`).join('&');
  const stdin = command === echo;
  const query = `${words}&stdin=${stdin}&stdout=true&stderr=true`;
  const socket = openSocket(cluster.kubeconfig, execPath(query), [protocol]);
  const next = messagesOf(socket);
  if (round % 3 > 0) await next();
  if (round % 3 > 1 && stdin) socket.send(stdinMessage());
  socket.terminate();
}

const stdinMessage = () => Buffer.concat([Buffer.alloc(1), readFileSync(big)]);

/** Before it is accepted, or once the command has written something. */
async function leaveKubectl(round: number, client: Client, command: readonly string[]): Promise<void> {
  const input = openSync(big, 'r');
  const args = ['exec', ...(command === echo ? ['-i'] : []), 'box', '--', ...command];
  const env = { ...cluster.env, ...client.env };
  const child = noteProgram(spawn(client.program, args, { env, stdio: [input, 'pipe', 'ignore'] }));
  closeSync(input);
  if (round % 3 > 0) await once(child.stdout!, 'readable');
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** The command has begun, and its runtime stands still for longer than any pause of a busy machine. */
async function leaveStalled(containerd: number): Promise<void> {
  const words = echo.map((word) => `command=${encodeURIComponent(word)}`).join('&');
  const query = `${words}&stdin=true&stdout=true&stderr=true`;
  const socket = openSocket(cluster.kubeconfig, execPath(query), ['v5.channel.k8s.io']);
  const next = messagesOf(socket);
  while (!(await next())?.includes('begun'));
  process.kill(containerd, 'SIGSTOP');
  try {
    await new Promise((resolve) => socket.send(stdinMessage(), resolve));
    socket.terminate();
    await wait(stallMs);
  } finally {
    process.kill(containerd, 'SIGCONT');
  }
}

interface Leavers {
  readonly sessions: number;
  leave(round: number, containerd: number): Promise<void>;
}

function leavers(): Readonly<Record<string, Leavers>> {
  const many = Math.max(30, rounds);
  const few = Math.max(9, rounds);
  const sockets = ['v5.channel.k8s.io', 'v4.channel.k8s.io'].map((protocol) => [
    protocol,
    { sessions: many, leave: (round: number) => leaveSocket(round, protocol, echo) },
  ]);
  const kubectls = clients().map((client) => [
    `kubectl by ${client.name}`,
    {
      sessions: few,
      leave: (round: number) => leaveKubectl(round, client, round % 2 === 0 ? echo : talk),
    },
  ]);
  return {
    ...Object.fromEntries([...sockets, ...kubectls]),
    'a command that only writes': {
      sessions: few,
      leave: (round) => leaveSocket(round, 'v5.channel.k8s.io', talk),
    },
    'a runtime that stands still': { sessions: 3, leave: (_, containerd) => leaveStalled(containerd) },
  };
}

describe('exec – whose callers leave in the middle – leaves neither commands nor descriptors', () => {
  for (const [what, { sessions, leave }] of Object.entries(leavers())) {
    test(what, async () => {
      await run(clients()[0]!, ['cp', big, 'box:/srv/big']);
      const state = JSON.parse(readFileSync(file(`clusters/${name}/state.json`), 'utf8'));
      const server = Number(state.process.pid);
      const containerd = childrenOf(server).find((pid) => programOf(pid).startsWith('containerd '))!;
      const programs = { server, containerd };
      await leaveSocket(1, 'v5.channel.k8s.io', echo);
      await eventually('the first is gone', async () => assert.equal(await commandsLeft(), ''));
      const before = descriptorsOf(programs);
      for (let round = 0; round < sessions; round++) await leave(round, containerd);
      await eventually('all are gone', async () => {
        const left = [await commandsLeft(), ...descriptorsAbove(before, descriptorsOf(programs))];
        if (left.some((text) => text !== '')) throw new Error(left.join('\n'));
      });
    });
  }
});

const commandsLeft = async () =>
  (await k('exec', 'box', '--', 'sh', '-c', 'ps | grep "[c]at " || true')).trim();

type Descriptors = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** How many descriptors of each program lead to what, inodes and ids apart. */
function descriptorsOf(programs: Readonly<Record<string, number>>): Descriptors {
  const targets = ([program, pid]: [string, number]) => {
    const counts: Record<string, number> = {};
    for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
      const target = targetOf(`/proc/${pid}/fd/${descriptor}`);
      counts[target] = (counts[target] ?? 0) + 1;
    }
    return [program, counts];
  };
  return Object.fromEntries(Object.entries(programs).map(targets));
}

function targetOf(descriptor: string): string {
  try {
    return readlinkSync(descriptor).replace(/:\[\d+\]$|[0-9a-f]{64}|\d{6,}/g, '…');
  } catch {
    return 'closed meanwhile';
  }
}

/** What kubectl itself, and the calls of a kubelet, hold for a moment, at most. */
const spare = 5;

/** For each program that has more than `spare` more than before: which. */
function descriptorsAbove(before: Descriptors, now: Descriptors): string[] {
  const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((a, b) => a + b, 0);
  return Object.entries(now).flatMap(([program, counts]) => {
    const then = before[program]!;
    if (sum(counts) <= sum(then) + spare) return [];
    const more = Object.entries(counts).filter(([target, count]) => count > (then[target] ?? 0));
    const list = more.map(([target, count]) => `${target}: ${count} instead of ${then[target] ?? 0}`);
    return `descriptors of ${program}: ${list.join(', ')}`;
  });
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
}

function programOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
}

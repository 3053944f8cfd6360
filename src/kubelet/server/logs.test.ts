import assert from 'node:assert/strict';
import { appendFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { machineLogs } from '#kubelet/machine-logs.ts';
import type { KubeNode } from '#kubelet/node.ts';
import type { NodePod } from '#kubelet/pod.ts';
import { PodPaths } from '#kubelet/pod-paths.ts';
import type { ContainerState, ContainerStatus } from '#kubelet/runtime.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { type LogQuery, sendLog } from './logs.ts';

const clock = new VirtualClock();
const pod = {
  metadata: { namespace: 'd', name: 'p', uid: 'u' },
  spec: { containers: [] },
} as unknown as NodePod;
const status = { id: 'c', name: 'main', attempt: 0 } as ContainerStatus;
const query: LogQuery = {
  follow: true,
  timestamps: false,
  previous: false,
  tailLines: undefined,
  sinceMs: undefined,
  limitBytes: undefined,
  stream: undefined,
};
let dir: string;
let paths: PodPaths;
let log: string;

beforeEach(async () => {
  dir = await mkdtemp(`${tmpdir()}/logs-`);
  paths = new PodPaths(dir);
  log = paths.log(pod, status);
  await mkdir(dirname(log), { recursive: true });
});

afterEach(() => rm(dir, { recursive: true, force: true }));

const line = (text: string) => `2026-01-01T00:00:00.000000000Z stdout F ${text}\n`;

/** All that a follower gets to see; `states` does what happens just before each answer about the container. */
async function followed(states: (() => Promise<ContainerState>)[]): Promise<string> {
  const node = {
    setup: machineLogs(clock, paths),
    runtime: {
      async containerStatus() {
        return { ...status, state: (await states.shift()?.()) ?? 'exited' };
      },
    },
  } as unknown as KubeNode;
  let seen = '';
  const sink = {
    async write(text: string) {
      seen += text;
      return true;
    },
  };
  const sending = sendLog(clock, node, pod, status, query, sink, new AbortController().signal);
  let isOver = false;
  const end = () => {
    isOver = true;
  };
  sending.then(end, end);
  // Time passes as long as it waits for the next look.
  while (!isOver) await clock.advance(1000);
  await sending;
  return seen;
}

test('a container that ends right after its log was rotated has its last lines seen', async () => {
  await writeFile(log, line('old'));
  const seen = await followed([
    async () => {
      await appendFile(log, line('before'));
      await rename(log, `${log}.1`);
      await writeFile(log, line('last'));
      return 'exited';
    },
  ]);
  assert.equal(seen, 'old\nbefore\nlast\n');
});

test('between the renaming of a log and its reopening there is nothing to end for', async () => {
  await writeFile(log, line('old'));
  const seen = await followed([
    async () => {
      await rename(log, `${log}.1`);
      return 'running';
    },
    async () => {
      await appendFile(`${log}.1`, line('before'));
      return 'running';
    },
    async () => {
      await writeFile(log, line('new'));
      return 'running';
    },
  ]);
  assert.equal(seen, 'old\nbefore\nnew\n');
});

test('who begins to follow between the renaming and the reopening waits for the file', async () => {
  const seen = await followed([
    async () => 'running',
    async () => {
      await writeFile(log, line('new'));
      return 'running';
    },
  ]);
  assert.equal(seen, 'new\n');
});

test('a log whose directory is gone ends with the container, not with an error', async () => {
  await writeFile(log, line('old'));
  const seen = await followed([
    async () => {
      await appendFile(log, line('last'));
      await rm(dirname(log), { recursive: true });
      return 'running';
    },
  ]);
  assert.equal(seen, 'old\nlast\n');
});

test('a log that cannot be opened is an error, one that is not there is empty', async () => {
  assert.equal(await followed([]), '');
  await rm(dirname(log), { recursive: true });
  await writeFile(dirname(log), 'no directory');
  await assert.rejects(followed([]), { code: 'ENOTDIR' });
});

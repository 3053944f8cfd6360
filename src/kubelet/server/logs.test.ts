import assert from 'node:assert/strict';
import { appendFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { ContainerStatus as ReportedStatus } from '#api/generated/types.gen.ts';
import { storedPod } from '#testing/objects.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { machineLogs } from '../machine/machine-logs.ts';
import { PodPaths } from '../machine/pod-paths.ts';
import type { KubeNode } from '../node/kube-node.ts';
import type { ContainerState, ContainerStatus } from '../runtime/runtime.ts';
import { findLog, type LogQuery, logQuery, sendLog } from './logs.ts';

const clock = new VirtualClock();
const pod = storedPod('p', { metadata: { namespace: 'd', uid: 'u' } });
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

/**
 * All that a follower gets to see; `states` does what happens just before each answer about the container.
 */
async function followed(states: (() => Promise<ContainerState>)[]): Promise<string> {
  const node = {
    setup: machineLogs(clock, paths),
    runtime: {
      async containerStatus() {
        return { ...status, state: (await states.shift()?.()) ?? 'exited' };
      },
    },
  } as unknown as KubeNode;
  const { sink, seen } = collector();
  const sending = sendLog(clock, node, pod, status, query, sink, new AbortController().signal);
  let isOver = false;
  const end = () => {
    isOver = true;
  };
  sending.then(end, end);
  // Time passes as long as it waits for the next look.
  while (!isOver) await clock.advance(1000);
  await sending;
  return seen();
}

/** The written bytes, with one character for each. */
function collector() {
  let text = '';
  const sink = {
    async write(chunk: Uint8Array) {
      text += Buffer.from(chunk).toString('latin1');
      return true;
    },
  };
  return { sink, seen: () => text };
}

/** The log as it is now, with these options. */
async function read(options: Partial<LogQuery>): Promise<string> {
  const { sink, seen } = collector();
  const node = { setup: machineLogs(clock, paths) } as unknown as KubeNode;
  const once = { ...query, follow: false, ...options };
  await sendLog(clock, node, pod, status, once, sink, new AbortController().signal);
  return seen();
}

test('a followed log – its container ends right after the rotation – is sent to the last line', async () => {
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

test('a followed log – between renaming and reopening – does not end', async () => {
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

test('a follower – that begins between renaming and reopening – waits for the file', async () => {
  const seen = await followed([
    async () => 'running',
    async () => {
      await writeFile(log, line('new'));
      return 'running';
    },
  ]);
  assert.equal(seen, 'new\n');
});

test('a followed log – its directory is removed – ends with the container, without an error', async () => {
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

test('a log – that cannot be opened – is an error; one that is missing is empty', async () => {
  assert.equal(await followed([]), '');
  await rm(dirname(log), { recursive: true });
  await writeFile(dirname(log), 'no directory');
  await assert.rejects(followed([]), { code: 'ENOTDIR' });
});

/** A log whose program wrote bytes that are no UTF-8, and characters of more than one byte. */
const bytes = 'caf\xe9 \xff\xfe';
const euros = '\xe2\x82\xac\xe2\x82\xac';

async function writeBytes(...lines: string[]): Promise<void> {
  await writeFile(log, Buffer.from(lines.join(''), 'latin1'));
}

test('a log – with any options – is what the program wrote, byte for byte', async () => {
  await writeBytes(line(bytes), line(euros));
  const both = `${bytes}\n${euros}\n`;
  assert.equal(await read({}), both);
  assert.equal(await read({ tailLines: 1 }), `${euros}\n`);
  assert.equal(await read({ timestamps: true, tailLines: 2 }), both.replace(/^(?=.)/gm, `${stamp} `));
  assert.equal(await read({ sinceMs: 0 }), both);
  assert.equal(await followed([]), both);
});

const stamp = '2026-01-01T00:00:00.000000000Z';

test('limitBytes – within a character – cuts the character', async () => {
  await writeBytes(line(euros), line(bytes));
  for (let limitBytes = 1; limitBytes <= 12; limitBytes++) {
    assert.equal(await read({ limitBytes }), `${euros}\n${bytes}\n`.slice(0, limitBytes));
  }
  assert.equal(await read({ limitBytes: 4, timestamps: true }), stamp.slice(0, 4));
});

test('limitBytes – reached by a followed log – ends it', async () => {
  await writeBytes(line('first'));
  const node = { setup: machineLogs(clock, paths) } as unknown as KubeNode;
  const { sink, seen } = collector();
  const options = { ...query, limitBytes: 6 };
  // A log that does not end by itself would need the container's state, which this node does not know.
  await sendLog(clock, node, pod, status, options, sink, new AbortController().signal);
  assert.equal(seen(), 'first\n');
});

test('a long line – in pieces – is one line with one time; lines of other streams are counted and not sent', async () => {
  const piece = (text: string) => line(text).replace(' F ', ' P ');
  await writeBytes(piece(bytes), line(bytes), line('other').replace('stdout', 'stderr'), 'no line\n');
  assert.equal(await read({ timestamps: true, stream: 'stdout' }), `${stamp} ${bytes}${bytes}\n`);
  assert.equal(await read({ tailLines: 2 }), 'other\n');
});

test('a line – without an end – is sent when the log is read to its end', async () => {
  await writeBytes(line('whole'), line('broken').trimEnd());
  assert.equal(await read({}), 'whole\nbroken\n');
});

const refused: [query: string, code: number][] = [
  ['tailLines=x', 400],
  ['sinceTime=now', 400],
  ['sinceTime=2024', 400],
  ['sinceTime=2024-01-01', 400],
  ['tailLines=9223372036854775808', 400],
  ['tail=x', 400],
  ['limitBytes=', 400],
  ['tailLines=-1', 422],
  ['limitBytes=0', 422],
  ['sinceSeconds=0', 422],
  ['sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z', 422],
  ['stream=stdout', 422],
  ['stream=toString', 422],
  ['stream=Stdout&tailLines=1', 422],
];

for (const [text, code] of refused) {
  test(`log options – ${text} – are rejected with ${code}`, () => {
    assert.throws(() => logQuery(new URLSearchParams(text), 0), { code });
  });
}

test('log options – in a query – are read as upstream reads them', () => {
  const asked = logQuery(new URLSearchParams('follow=1&previous=false&timestamps=yes&sinceSeconds=5'), 9000);
  assert.deepEqual(asked, { ...query, timestamps: true, sinceMs: 4000 });
  const { sinceMs, stream } = logQuery(
    new URLSearchParams('stream=Stderr&sinceTime=1970-01-01T00:00:01Z'),
    9000,
  );
  assert.deepEqual([sinceMs, stream], [1000, 'stderr']);
  const whole = logQuery(new URLSearchParams('sinceTime=1970-01-01T00:00:01.9Z'), 9000);
  assert.equal(whole.sinceMs, 1000, 'a time has whole seconds');
  const linesOf = (text: string) => logQuery(new URLSearchParams(text), 0).tailLines;
  assert.deepEqual(['tail=3', 'tail=all&tailLines=2', 'tail='].map(linesOf), [3, undefined, undefined]);
});

const ended = (containerID: string) => ({ terminated: { exitCode: 137, containerID } });
const unable = 'unable to retrieve container logs for';
const notFound = 'previous terminated container "main" in pod "p" not found';
// biome-ignore format: a table
const removed: [what: string, reported: Partial<ReportedStatus>, now: string, previous: string][] = [
  ['that has ended', { state: ended('cri://a') }, `${unable} cri://a`, notFound],
  ['that has ended before', { state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: ended('cri://b') }, `${unable} cri://b`, `${unable} cri://b`],
  ['that runs as it was reported', { containerID: 'cri://c', state: { running: {} } }, `${unable} cri://c`, notFound],
  ['that never ran', { state: { waiting: { reason: 'ImagePullBackOff' } } }, 'container "main" in pod "p" is waiting to start: trying and failing to pull image', notFound],
  ['that was never reported', {}, 'container "main" in pod "p" is waiting to start: ContainerCreating', notFound],
];
for (const [what, reported, now, previous] of removed) {
  test(`the log of a container – ${what}, the runtime has it no more – is refused in upstream's words`, async () => {
    const node = {
      readView: async () => ({ containers: [], sandboxes: [] }),
      statusOf: () => ({ containerStatuses: [{ name: 'main', ...reported }] }),
    } as unknown as KubeNode;
    assert.deepEqual(
      [await findLog(node, pod, 'main', false), await findLog(node, pod, 'main', true)],
      [now, previous],
    );
  });
}

/** Sends a container's log: from where the caller wants it, as far as it goes, and on while the container runs. */

import { type Clock, pause } from '#base/clock.ts';
import { type LogLine, parseLogLine, printedTime } from '#kubelet/log-format.ts';
import type { KubeNode } from '#kubelet/node.ts';
import { findStatus, type NodePod } from '#kubelet/pod.ts';
import type { ContainerLog } from '#kubelet/pod-setup.ts';
import { type ContainerStatus, RuntimeError } from '#kubelet/runtime.ts';
import { Refusal } from './refusal.ts';

export interface LogQuery {
  readonly follow: boolean;
  readonly timestamps: boolean;
  readonly previous: boolean;
  readonly tailLines: number | undefined;
  readonly sinceMs: number | undefined;
  readonly limitBytes: number | undefined;
  readonly stream: 'stdout' | 'stderr' | undefined;
}

export interface LogSink {
  /** Resolves when there is room for more; false when nobody listens any more. */
  write(chunk: Uint8Array): Promise<boolean>;
}

const lookIntervalMs = 1000;

const streams: Record<string, LogQuery['stream']> = { All: undefined, Stdout: 'stdout', Stderr: 'stderr' };

/** Throws a `Refusal` in upstream's words. */
export function logQuery(query: URLSearchParams, nowMs: number): LogQuery {
  const isTrue = (name: string) => query.has(name) && !/^(0|false)$/i.test(query.get(name)!);
  const sinceSeconds = integerOf(query, 'sinceSeconds');
  const sinceTimeMs = timeOf(query, 'sinceTime');
  const tailLines = integerOf(query, 'tailLines');
  const limitBytes = integerOf(query, 'limitBytes');
  const stream = query.get('stream') ?? 'All';
  const isValid =
    (tailLines ?? 0) >= 0 &&
    (limitBytes ?? 1) >= 1 &&
    (sinceSeconds ?? 1) >= 1 &&
    (sinceSeconds === undefined || sinceTimeMs === undefined) &&
    Object.hasOwn(streams, stream) &&
    (stream === 'All' || tailLines === undefined);
  if (!isValid) throw new Refusal(422, '{"message": "Invalid request."}');
  return {
    follow: isTrue('follow'),
    timestamps: isTrue('timestamps'),
    previous: isTrue('previous'),
    tailLines,
    limitBytes,
    sinceMs: sinceSeconds === undefined ? sinceTimeMs : nowMs - sinceSeconds * 1000,
    stream: streams[stream],
  };
}

function integerOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^[+-]?\d+$/.test(text)) throw undecodable();
  return Number(text);
}

function timeOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (!text) return undefined;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw undecodable();
  return ms;
}

function undecodable(): Refusal {
  return new Refusal(400, '{"message": "Unable to decode query."}');
}

/** The container whose log is meant, or why there is none. */
export async function findLog(
  node: KubeNode,
  pod: NodePod,
  container: string,
  previous: boolean,
): Promise<ContainerStatus | string> {
  const view = await node.readView(pod.metadata.uid);
  const [newest, before] = view.containers.filter((one) => one.name === container && one.startedAtMs > 0);
  const { name } = pod.metadata;
  if (previous) return before ?? `previous terminated container "${container}" in pod "${name}" not found`;
  if (newest) return newest;
  const status = findStatus(node.statusOf(pod), container);
  const reason = status?.state?.waiting?.reason ?? 'ContainerCreating';
  return reason === 'ErrImagePull' || reason === 'ImagePullBackOff'
    ? `container "${container}" in pod "${name}" is waiting to start: trying and failing to pull image`
    : `container "${container}" in pod "${name}" is waiting to start: ${reason}`;
}

export async function sendLog(
  clock: Clock,
  node: KubeNode,
  pod: NodePod,
  status: ContainerStatus,
  query: LogQuery,
  sink: LogSink,
  signal: AbortSignal,
): Promise<void> {
  let log = await node.setup.openLog(pod, status, query.tailLines);
  // Between its renaming and its reopening a rotated log has no file.
  while (!log && query.follow && !signal.aborted && (await isRunning(node, status.id))) {
    await pause(clock, lookIntervalMs, signal);
    log = await node.setup.openLog(pod, status, query.tailLines);
  }
  const filter = lineFilter(query);
  try {
    while (log && !signal.aborted) {
      if (!(await sendAvailable(log, filter, sink))) return;
      if (!query.follow) return void (await sendLines([log.unfinished()], filter, sink));
      if (await log.replaced()) {
        // What was written between the last look and the change of files.
        if (!(await sendAvailable(log, filter, sink))) return;
        const next = await node.setup.openLog(pod, status);
        if (next) {
          await log.close();
          log = next;
          continue;
        }
      }
      // Asked before the last look, so that nothing written before the end is missed.
      if (await isRunning(node, status.id)) {
        await moreOrLater(clock, log, signal);
        continue;
      }
      if (!(await sendAvailable(log, filter, sink))) return;
      // Its last lines may stand in a file that took this one's place after we looked.
      if (!(await log.replaced())) return;
    }
  } finally {
    await log?.close();
  }
}

/** A runtime that fails to answer says nothing of the container: it is asked again at the next look. */
async function isRunning(node: KubeNode, id: string): Promise<boolean> {
  try {
    return (await node.runtime.containerStatus(id)).state === 'running';
  } catch (error) {
    return !(error instanceof RuntimeError && error.code === 'NotFound');
  }
}

function moreOrLater(clock: Clock, log: ContainerLog, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      timer.cancel();
      stopWatching();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = clock.after(lookIntervalMs, done);
    const stopWatching = log.watch(done);
    signal.addEventListener('abort', done, { once: true });
  });
}

async function sendAvailable(log: ContainerLog, filter: LineFilter, sink: LogSink): Promise<boolean> {
  for (let lines = await log.next(); lines.length > 0; lines = await log.next())
    if (!(await sendLines(lines, filter, sink))) return false;
  return true;
}

/** False when nothing more is wanted. */
async function sendLines(lines: readonly string[], filter: LineFilter, sink: LogSink): Promise<boolean> {
  let text = '';
  for (const line of lines) {
    text += filter.contribution(line);
    if (filter.isOver) break;
  }
  const more = text === '' || (await sink.write(Buffer.from(text, 'latin1')));
  return more && !filter.isOver;
}

interface LineFilter {
  /** What of a line is sent, with one sign for each byte. */
  contribution(line: string): string;
  /** The limit of bytes or lines is reached. */
  readonly isOver: boolean;
}

/** The order of its questions is upstream's. */
function lineFilter(query: LogQuery): LineFilter {
  let bytesLeft = query.limitBytes ?? Number.POSITIVE_INFINITY;
  let linesLeft = (query.follow ? undefined : query.tailLines) ?? Number.POSITIVE_INFINITY;
  let continued = false;
  return {
    get isOver() {
      return bytesLeft <= 0 || linesLeft <= 0;
    },
    contribution(line) {
      const parsed = this.isOver ? undefined : parseLogLine(line);
      if (!parsed) return '';
      linesLeft--;
      const stamp = query.timestamps && !continued ? `${printedTime(parsed.time)} ` : '';
      continued = !parsed.full;
      if (!isWanted(parsed, query)) return '';
      const text = `${stamp}${parsed.message}${parsed.full ? '\n' : ''}`.slice(0, bytesLeft);
      bytesLeft -= text.length;
      return text;
    },
  };
}

function isWanted(line: LogLine, { sinceMs, stream }: LogQuery): boolean {
  if (stream && line.stream !== stream) return false;
  return sinceMs === undefined || Date.parse(line.time) >= sinceMs;
}

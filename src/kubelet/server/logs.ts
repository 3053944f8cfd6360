/**
 * Sends a container's log: from where the query begins to its end, and on while the container runs when it is
 * followed.
 */

import { secondsOf } from '#api/go/time.ts';
import { StatusError } from '#api/meta/status.ts';
import { containerStatus } from '#api/pods/containers.ts';
import { decodePodLogOptions, type PodLogOptions, validatePodLogOptions } from '#api/pods/log-options.ts';
import { type Clock, pause } from '#base/clock.ts';
import { type LogLine, parseLogLine, printedTime } from '../machine/log-format.ts';
import type { KubeNode } from '../node/kube-node.ts';
import type { NodePod } from '../pod/pod.ts';
import type { ContainerLog } from '../runtime/machine.ts';
import { type ContainerStatus, RuntimeError } from '../runtime/runtime.ts';
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
  /** Resolves when there is room for more; false when the connection is closed. */
  write(chunk: Uint8Array): Promise<boolean>;
}

const lookIntervalMs = 1000;

const streams: Readonly<Record<string, LogQuery['stream']>> = { Stdout: 'stdout', Stderr: 'stderr' };

/** Throws a `Refusal` in upstream's words. */
export function logQuery(query: URLSearchParams, nowMs: number): LogQuery {
  const options = decoded(query);
  if (validatePodLogOptions(options).length > 0) throw new Refusal(422, '{"message": "Invalid request."}');
  const { follow, timestamps, previous, tailLines, limitBytes, sinceSeconds, sinceTime } = options;
  const sinceTimeMs = sinceTime === undefined ? undefined : secondsOf(sinceTime) * 1000;
  return {
    follow,
    timestamps,
    previous,
    tailLines: asNumber(tailLines),
    limitBytes: asNumber(limitBytes),
    sinceMs: sinceSeconds === undefined ? sinceTimeMs : nowMs - Number(sinceSeconds) * 1000,
    stream: streams[options.stream],
  };
}

function decoded(query: URLSearchParams): PodLogOptions {
  try {
    return decodePodLogOptions(withTail(query));
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    throw new Refusal(400, '{"message": "Unable to decode query."}');
  }
}

/** `tail` is the kubelet's older name of `tailLines`; `all` is no limit. */
function withTail(query: URLSearchParams): URLSearchParams {
  const tail = query.get('tail');
  if (!tail) return query;
  const renamed = new URLSearchParams(query);
  if (tail === 'all') renamed.delete('tailLines');
  else renamed.set('tailLines', tail);
  return renamed;
}

function asNumber(value: bigint | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}

/** The container whose log is to be sent, or why there is none. */
export async function findLog(
  node: KubeNode,
  pod: NodePod,
  container: string,
  previous: boolean,
): Promise<ContainerStatus | string> {
  const view = await node.readView(pod.metadata.uid);
  const [newest, before] = view.containers.filter(
    (status) => status.name === container && status.startedAtMs > 0,
  );
  const { name } = pod.metadata;
  const status = containerStatus(node.statusOf(pod), container);
  const last = status?.lastState?.terminated?.containerID;
  if (previous) {
    if (before) return before;
    return last ? removed(last) : `previous terminated container "${container}" in pod "${name}" not found`;
  }
  if (newest) return newest;
  const { running, terminated } = status?.state ?? {};
  const known = running ? status?.containerID : terminated?.containerID || last;
  if (known) return removed(known);
  const reason = status?.state?.waiting?.reason ?? 'ContainerCreating';
  return reason === 'ErrImagePull' || reason === 'ImagePullBackOff'
    ? `container "${container}" in pod "${name}" is waiting to start: trying and failing to pull image`
    : `container "${container}" in pod "${name}" is waiting to start: ${reason}`;
}

/** Of a container that is still in the status of its pod, such as one whose node was short of disk. */
function removed(id: string): string {
  return `unable to retrieve container logs for ${id}`;
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
      // The state is read before the last look, so that nothing written before the end is missed.
      if (await isRunning(node, status.id)) {
        await moreOrLater(clock, log, signal);
        continue;
      }
      if (!(await sendAvailable(log, filter, sink))) return;
      // The last lines may be in a file that replaced the open one after the check.
      if (!(await log.replaced())) return;
    }
  } finally {
    await log?.close();
  }
}

/** When the runtime fails to answer, the container counts as running: the next look asks again. */
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
  for (let lines = await log.next(); lines.length > 0; lines = await log.next()) {
    if (!(await sendLines(lines, filter, sink))) return false;
  }
  return true;
}

/** False when a limit is reached or the connection is closed. */
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
  /** The part of a line that is sent, with one character for each byte. */
  contribution(line: string): string;
  /** The limit of bytes or lines is reached. */
  readonly isOver: boolean;
}

/** Checks in upstream's order. */
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
      if (!isSelected(parsed, query)) return '';
      const text = `${stamp}${parsed.message}${parsed.full ? '\n' : ''}`.slice(0, bytesLeft);
      bytesLeft -= text.length;
      return text;
    },
  };
}

function isSelected(line: LogLine, { sinceMs, stream }: LogQuery): boolean {
  if (stream && line.stream !== stream) return false;
  return sinceMs === undefined || Date.parse(line.time) >= sinceMs;
}

/** Sends a container's log: from where the caller wants it, as far as it goes, and on while the container runs. */

import { type Clock, pause } from '#base/clock.ts';
import { type LogLine, parseLogLine } from '#kubelet/log-format.ts';
import type { KubeNode } from '#kubelet/node.ts';
import { findStatus, type NodePod } from '#kubelet/pod.ts';
import type { ContainerLog } from '#kubelet/pod-setup.ts';
import { type ContainerStatus, RuntimeError } from '#kubelet/runtime.ts';

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
  write(text: string): Promise<boolean>;
}

const lookIntervalMs = 1000;

export function logQuery(query: URLSearchParams, nowMs: number): LogQuery {
  const number = (name: string) => (query.has(name) ? Number(query.get(name)) : undefined);
  const isTrue = (name: string) => query.get(name) === 'true' || query.get(name) === '1';
  const sinceSeconds = number('sinceSeconds');
  const sinceTime = query.get('sinceTime');
  const stream = query.get('stream');
  return {
    follow: isTrue('follow'),
    timestamps: isTrue('timestamps'),
    previous: isTrue('previous'),
    tailLines: number('tailLines'),
    limitBytes: number('limitBytes'),
    sinceMs:
      sinceSeconds !== undefined
        ? nowMs - sinceSeconds * 1000
        : sinceTime
          ? Date.parse(sinceTime)
          : undefined,
    stream: stream === 'Stdout' ? 'stdout' : stream === 'Stderr' ? 'stderr' : undefined,
  };
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
      if (!query.follow) return;
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

async function sendAvailable(
  log: ContainerLog,
  filter: (line: string) => string | undefined,
  sink: LogSink,
): Promise<boolean> {
  for (let lines = await log.next(); lines.length > 0; lines = await log.next()) {
    let text = '';
    for (const line of lines) {
      const wanted = filter(line);
      if (wanted === undefined) {
        await sink.write(text);
        return false;
      }
      text += wanted;
    }
    if (text !== '' && !(await sink.write(text))) return false;
  }
  return true;
}

/** What a line contributes; undefined once the limit of bytes is reached. */
function lineFilter(query: LogQuery): (line: string) => string | undefined {
  let left = query.limitBytes ?? Number.POSITIVE_INFINITY;
  let continued = false;
  return (line) => {
    if (left <= 0) return undefined;
    const parsed = parseLogLine(line);
    if (!parsed || !isWanted(parsed, query)) return '';
    const stamp = query.timestamps && !continued ? `${parsed.time} ` : '';
    continued = !parsed.full;
    const text = `${stamp}${parsed.message}${parsed.full ? '\n' : ''}`;
    const bytes = Buffer.byteLength(text);
    const cut = bytes > left ? Buffer.from(text).subarray(0, left).toString() : text;
    left -= bytes;
    return cut;
  };
}

function isWanted(line: LogLine, { sinceMs, stream }: LogQuery): boolean {
  if (stream && line.stream !== stream) return false;
  return sinceMs === undefined || Date.parse(line.time) >= sinceMs;
}

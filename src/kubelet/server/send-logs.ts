/** Sends a container's log as the body of an answer, as fast as the client reads, until the client is gone. */

import type { ServerResponse } from 'node:http';
import type { Clock } from '#base/clock.ts';
import type { KubeNode } from '../node/kube-node.ts';
import type { NodePod } from '../pod/pod.ts';
import { findLog, type LogQuery, sendLog } from './logs.ts';
import { Refusal } from './refusal.ts';

export async function sendLogs(
  clock: Clock,
  node: KubeNode,
  pod: NodePod,
  container: string,
  query: LogQuery,
  response: ServerResponse,
): Promise<void> {
  const status = await findLog(node, pod, container, query.previous);
  if (typeof status === 'string') throw new Refusal(400, status);
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.flushHeaders();
  const sink = {
    async write(chunk: Uint8Array) {
      if (gone.signal.aborted) return false;
      if (response.write(chunk)) return true;
      await drained(response, gone.signal);
      return !gone.signal.aborted;
    },
  };
  await sendLog(clock, node, pod, status, query, sink, gone.signal);
  response.end();
}

/** There is room again, or the connection is closed. */
function drained(response: ServerResponse, gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done);
      gone.removeEventListener('abort', done);
      resolve();
    };
    response.on('drain', done);
    gone.addEventListener('abort', done);
  });
}

/** The kubelet's own door: logs, exec, attach, port-forward, pods and figures of the nodes it serves, for the API server. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Env } from '#base/env.ts';
import { errorText } from '#base/error-text.ts';
import type { Client } from '#client/client.ts';
import { type HttpsServer, listenHttps } from '#host/https-server.ts';
import type { KubeNode } from '#kubelet/node.ts';
import type { NodePod } from '#kubelet/pod.ts';
import { kubeletAccess } from './access.ts';
import { findLog, logQuery, sendLog } from './logs.ts';
import { metricsText } from './metrics.ts';
import { Refusal } from './refusal.ts';
import { resourceMetricsText } from './resource-metrics.ts';
import { statsSummary } from './stats.ts';
import { joinStreams, type PodPlace } from './streams.ts';

export interface KubeletServerOptions {
  readonly env: Env;
  /** Asked who a caller is and what he may do. */
  readonly client: Client;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly certPem: string;
  readonly keyPem: string;
  readonly clientCaPem: string;
  /** One server may serve many simulated nodes. */
  nodes(): readonly KubeNode[];
}

export function startKubeletServer(options: KubeletServerOptions): Promise<HttpsServer> {
  const nodeName = () => (options.nodes().length === 1 ? options.nodes()[0]!.name : '');
  const enter = kubeletAccess({ clock: options.env.clock, client: options.client, nodeName });
  return listenHttps({
    ...options,
    onRequest(request, response, identity) {
      enter(request, identity)
        .then(() => answer(options, request, response))
        .catch((error) => refuse(response, error));
    },
    onUpgrade(request, socket, head, identity) {
      socket.on('error', () => socket.destroy());
      enter(request, identity)
        .then(() =>
          joinStreams((namespace, name) => findPod(options, namespace, name), request, socket, head),
        )
        .catch((error) => refuseUpgrade(socket, error));
    },
  });
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(error instanceof Refusal ? error.code : 500, { 'content-type': 'text/plain' });
  response.end(errorText(error));
}

function refuseUpgrade(socket: Duplex, error: unknown): void {
  const code = error instanceof Refusal ? error.code : 500;
  const text = errorText(error);
  const head = `HTTP/1.1 ${code} Refused\r\ncontent-type: text/plain\r\nconnection: close`;
  socket.end(`${head}\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
}

async function answer(
  options: KubeletServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'https://kubelet');
  if (url.pathname === '/healthz') return void response.end('ok');
  const [, action, namespace = '', name = '', container = ''] = url.pathname
    .split('/')
    .map(decodeURIComponent);
  const json = (value: unknown) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(value));
  };
  if (action === 'containerLogs') {
    const { node, pod } = findPod(options, namespace, name);
    return sendLogs(options.env, node, pod, container, url.searchParams, response);
  }
  if (url.pathname === '/pods' || url.pathname === '/pods/') {
    const items = options.nodes().flatMap((node) => node.pods());
    return json({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items });
  }
  if (action === 'metrics') {
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    return void response.end(await metricsOf(options, url.pathname));
  }
  if (url.pathname === '/stats/summary') {
    const node = options.nodes()[0];
    if (node) return json(await statsSummary(node, options.env.clock.now()));
  }
  throw new Refusal(404, '404 page not found');
}

function metricsOf({ nodes, env }: KubeletServerOptions, path: string): Promise<string> {
  if (path === '/metrics') return metricsText(nodes());
  if (path === '/metrics/resource') return resourceMetricsText(nodes(), env.clock.now());
  throw new Refusal(404, '404 page not found');
}

function findPod(options: KubeletServerOptions, namespace: string, name: string): PodPlace {
  for (const node of options.nodes()) {
    const pod = node.findPod(namespace, name);
    if (pod) return { node, pod };
  }
  throw new Refusal(404, `pod "${name}" not found in namespace "${namespace}"`);
}

async function sendLogs(
  env: Env,
  node: KubeNode,
  pod: NodePod,
  container: string,
  parameters: URLSearchParams,
  response: ServerResponse,
): Promise<void> {
  const query = logQuery(parameters, env.clock.now());
  const status = await findLog(node, pod, container, query.previous);
  if (typeof status === 'string') throw new Refusal(400, status);
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.flushHeaders();
  const sink = {
    async write(text: string) {
      if (gone.signal.aborted) return false;
      if (text === '' || response.write(text)) return true;
      await drained(response, gone.signal);
      return !gone.signal.aborted;
    },
  };
  await sendLog(env.clock, node, pod, status, query, sink, gone.signal);
  response.end();
}

/** There is room again, or nobody listens any more. */
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

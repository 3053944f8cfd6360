/**
 * The kubelet's HTTPS server: logs, exec, attach, port-forward, pods and metrics of the nodes it serves, for
 * the API server.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { findContainer } from '#api/pods/containers.ts';
import type { Env } from '#base/env.ts';
import { HealthMetrics, metricsContentType } from '#base/health-metrics.ts';
import { readRequestTarget } from '#base/net/request-target.ts';
import { errorText } from '#base/text/error-text.ts';
import type { Client } from '#client/client.ts';
import { type ClientIdentity, type HttpsServer, listenHttps } from '#host/http/https-server.ts';
import { refuseRaw } from '#host/http/raw-answer.ts';
import { tooManyConnections } from '#host/http/turn-away.ts';
import type { KubeNode } from '../node.ts';
import type { NodePod } from '../pod/pod.ts';
import { RuntimeError } from '../runtime/runtime.ts';
import { kubeletAccess } from './access.ts';
import { findLog, type LogQuery, logQuery, sendLog } from './logs.ts';
import { metricsText } from './metrics.ts';
import { Refusal } from './refusal.ts';
import { resourceMetricsText } from './resource-metrics.ts';
import { dispatch, type Route, type RouteCall } from './routes.ts';
import { runningPods } from './running-pods.ts';
import { statsSummary } from './stats.ts';
import { isStreamPath, joinStreams, type PodPlace, streamPaths } from './streams/streams.ts';
import { sendSystemLog } from './system-logs.ts';

export interface KubeletServerOptions {
  readonly env: Env;
  /** Reviews the callers' tokens and permissions. */
  readonly client: Client;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly certPem: string;
  readonly keyPem: string;
  readonly clientCaPem: string;
  /** The folder of the machine's logs; absent where the nodes are no machines. */
  readonly systemLogs?: string;
  /** One server may serve many simulated nodes. */
  nodes(): readonly KubeNode[];
}

export function startKubeletServer(options: KubeletServerOptions): Promise<HttpsServer> {
  const nodeName = () => (options.nodes().length === 1 ? options.nodes()[0]!.name : '');
  const access = kubeletAccess({ env: options.env, client: options.client, nodeName });
  const routes = routesOf(options);
  // Read once: authorization and service of a request go by the same segments.
  const enter = async (request: IncomingMessage, identity: ClientIdentity | undefined) => {
    const target = readRequestTarget(request.url ?? '');
    if (!target) throw new Refusal(400, 'the path of the request has no single meaning');
    await access(request, target, identity);
    return target;
  };
  return listenHttps({
    ...options,
    tooManyConnections: tooManyConnections('text/plain', (message) => message),
    onRequest(request, response, identity) {
      enter(request, identity)
        .then((target) => dispatch(routes, request.method ?? '', target, response))
        .catch((error) => refuse(response, error));
    },
    mayUpgrade: ({ url = '' }) => isStreamPath(readRequestTarget(url)?.segments ?? []),
    onUpgrade(request, socket, head, identity) {
      socket.on('error', () => socket.destroy());
      enter(request, identity)
        .then((target) =>
          joinStreams((namespace, name) => findPod(options, namespace, name), target, request, socket, head),
        )
        .catch((error) => refuseUpgrade(socket, error));
    },
  });
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(codeOf(error), { 'content-type': 'text/plain' });
  response.end(errorText(error));
}

/** Codes of a runtime's errors as in upstream's streaming server. */
function codeOf(error: unknown): number {
  if (error instanceof Refusal) return error.code;
  if (!(error instanceof RuntimeError)) return 500;
  return { NotFound: 404, ResourceExhausted: 429 }[error.code] ?? 500;
}

function refuseUpgrade(socket: Duplex, error: unknown): void {
  const headers = { 'content-type': 'text/plain' };
  refuseRaw(socket, { status: codeOf(error), headers, body: errorText(error) });
}

/** They pass whenever they are answered. */
const healthChecks = ['ping', 'log', 'syncloop'];

function routesOf(options: KubeletServerOptions): readonly Route[] {
  const { env, nodes } = options;
  const get = ['GET'];
  const health = new HealthMetrics();
  const ok = ({ response }: RouteCall) => sendText(response, 'ok');
  const upgradeRequired = () => {
    throw new Refusal(400, 'Upgrade request required');
  };
  const podList = (items: readonly object[]) => ({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items });
  return [
    {
      path: '/healthz',
      answer(call) {
        for (const check of healthChecks) health.observe(check, 'healthz', true);
        ok(call);
      },
    },
    ...healthChecks.map((check) => ({ path: `/healthz/${check}`, answer: ok })),
    {
      path: '/pods',
      methods: get,
      answer: ({ response }) => sendJson(response, podList(nodes().flatMap((node) => node.pods()))),
    },
    {
      path: '/runningpods',
      methods: get,
      answer: async ({ response }) => sendJson(response, podList(await runningPods(nodes()))),
    },
    { path: '/metrics', answer: async ({ response }) => sendMetrics(response, await metricsText(nodes())) },
    { path: '/metrics/slis', answer: ({ response }) => sendMetrics(response, health.text) },
    {
      path: '/metrics/resource',
      answer: async ({ response }) =>
        sendMetrics(response, await resourceMetricsText(nodes(), env.clock.now())),
    },
    {
      path: '/stats/summary',
      methods: ['GET', 'POST'],
      async answer({ response }) {
        const [node] = nodes();
        if (!node) throw new Refusal(404, '404 page not found');
        sendJson(response, await statsSummary(node, env.clock.now()));
      },
    },
    {
      path: '/containerLogs/{namespace}/{pod}/{container}',
      methods: get,
      answer({ names: { namespace = '', pod: name = '', container = '' }, target, response }) {
        const query = logQuery(target.query, env.clock.now());
        const { node, pod } = findPod(options, namespace, name, `pod "${name}" does not exist`);
        if (!findContainer(pod.spec, container)) {
          throw new Refusal(404, `container "${container}" not found in pod "${name}"`);
        }
        return sendLogs(env, node, pod, container, query, response);
      },
    },
    { path: '/logs/{path:*}', methods: get, answer: (call) => sendSystemLog(options.systemLogs, call) },
    ...streamPaths.map((path) => ({ path, methods: ['GET', 'POST'], answer: upgradeRequired })),
  ];
}

function sendText(response: ServerResponse, text: string): void {
  response.setHeader('content-type', 'text/plain; charset=utf-8');
  response.end(text);
}

function sendMetrics(response: ServerResponse, text: string): void {
  response.setHeader('content-type', metricsContentType);
  response.end(text);
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(value));
}

function findPod(
  options: KubeletServerOptions,
  namespace: string,
  name: string,
  otherwise = 'pod does not exist',
): PodPlace {
  for (const node of options.nodes()) {
    const pod = node.findPod(namespace, name);
    if (pod) return { node, pod };
  }
  throw new Refusal(404, otherwise);
}

async function sendLogs(
  env: Env,
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
  await sendLog(env.clock, node, pod, status, query, sink, gone.signal);
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

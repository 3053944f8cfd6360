/** The kubelet's own door: logs, exec, attach, port-forward, pods and figures of the nodes it serves, for the API server. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import { type HttpsServer, listenHttps } from '#host/https-server.ts';
import { openUpgraded } from '#host/upgrade.ts';
import type { KubeNode } from '#kubelet/node.ts';
import type { NodePod } from '#kubelet/pod.ts';
import { latest } from '#kubelet/pod-view.ts';
import type { StreamTarget } from '#kubelet/runtime.ts';
import { kubeletAccess } from './access.ts';
import { findLog, logQuery, sendLog } from './logs.ts';
import { metricsText } from './metrics.ts';
import { Refusal } from './refusal.ts';
import type { StreamWishes } from './remote-command.ts';
import { resourceMetricsText } from './resource-metrics.ts';
import { statsSummary } from './stats.ts';
import { bridgeCommand, bridgeTunnel, isWebSocket, offersTunnel } from './web-socket.ts';

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
        .then(() => upgrade(options, request, socket, head))
        .catch((error) => refuseUpgrade(socket, error));
    },
  });
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(error instanceof Refusal ? error.code : 500, { 'content-type': 'text/plain' });
  response.end(error instanceof Error ? error.message : String(error));
}

function refuseUpgrade(socket: Duplex, error: unknown): void {
  const code = error instanceof Refusal ? error.code : 500;
  const text = error instanceof Error ? error.message : String(error);
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

function findPod(
  options: KubeletServerOptions,
  namespace: string,
  name: string,
): { node: KubeNode; pod: NodePod } {
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
      await new Promise<void>((resolve) => {
        response.once('drain', resolve);
        response.once('close', resolve);
      });
      return !gone.signal.aborted;
    },
  };
  await sendLog(env.clock, node, pod, status, query, sink, gone.signal);
  response.end();
}

async function upgrade(
  options: KubeletServerOptions,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'https://kubelet');
  const [, action, namespace = '', name = '', container = ''] = url.pathname
    .split('/')
    .map(decodeURIComponent);
  const { node, pod } = findPod(options, namespace, name);
  if (action === 'portForward') return portForward(node, pod, request, socket, head);
  if (action !== 'exec' && action !== 'attach') throw new Refusal(404, '404 page not found');
  const wishes = wishesOf(url.searchParams);
  const target = await commandTarget(node, pod, container, action, url.searchParams, wishes);
  if (isWebSocket(request)) return bridgeCommand(request, socket, head, target, wishes);
  await passThrough(target, request, socket, head);
}

function wishesOf(query: URLSearchParams): StreamWishes {
  const isSet = (...names: string[]) => names.some((name) => ['1', 'true'].includes(query.get(name) ?? ''));
  const tty = isSet('tty');
  return {
    stdin: isSet('input', 'stdin'),
    stdout: isSet('output', 'stdout'),
    stderr: isSet('error', 'stderr') && !tty,
    tty,
  };
}

async function commandTarget(
  node: KubeNode,
  pod: NodePod,
  container: string,
  action: 'exec' | 'attach',
  query: URLSearchParams,
  wishes: StreamWishes,
): Promise<StreamTarget> {
  const status = latest(await node.readView(pod.metadata.uid), container);
  if (status?.state !== 'running') throw new Refusal(500, `container not found ("${container}")`);
  const request = { containerId: status.id, ...wishes };
  return action === 'exec'
    ? node.runtime.exec({ ...request, command: query.getAll('command') })
    : node.runtime.attach(request);
}

async function portForward(
  node: KubeNode,
  pod: NodePod,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const sandbox = (await node.readView(pod.metadata.uid)).sandboxes.find((one) => one.ready);
  if (!sandbox) throw new Refusal(500, `pod ${pod.metadata.name} is not running`);
  const target = await node.runtime.portForward(sandbox.id);
  if (!isWebSocket(request)) return passThrough(target, request, socket, head);
  if (!offersTunnel(request))
    throw new Refusal(400, 'port-forward over WebSocket needs SPDY/3.1+portforward.k8s.io');
  if (target.kind !== 'url') throw new Refusal(501, 'this runtime forwards no ports');
  const headers = {
    connection: 'Upgrade',
    upgrade: 'SPDY/3.1',
    'x-stream-protocol-version': 'portforward.k8s.io',
  };
  bridgeTunnel(request, socket, head, () => openUpgraded(target.url, headers));
}

/** A caller who speaks SPDY talks to the runtime's streaming server himself: only bytes pass through here. */
async function passThrough(
  target: StreamTarget,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  if (target.kind !== 'url') throw new Refusal(400, 'this node answers only over WebSocket');
  const versions = request.headersDistinct['x-stream-protocol-version'] ?? [];
  const upstream = await openUpgraded(target.url, {
    connection: 'Upgrade',
    upgrade: request.headers.upgrade ?? 'SPDY/3.1',
    ...(versions.length > 0 ? { 'x-stream-protocol-version': versions } : {}),
  });
  const lines = Object.entries(upstream.headers).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${Array.isArray(value) ? value.join(', ') : value}`],
  );
  socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`);
  if (upstream.head.length > 0) socket.write(upstream.head);
  if (head.length > 0) upstream.socket.write(head);
  upstream.socket.pipe(socket);
  socket.pipe(upstream.socket);
  upstream.socket.on('error', () => socket.destroy());
  upstream.socket.on('close', () => socket.destroy());
  socket.on('close', () => upstream.socket.destroy());
}

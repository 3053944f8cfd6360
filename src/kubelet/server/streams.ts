/** Joins the streams of exec, attach and port-forward with those that the runtime gives for them. */

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RequestTarget } from '#base/request-target.ts';
import { openUpgraded } from '#host/upgrade.ts';
import type { KubeNode } from '#kubelet/node.ts';
import type { NodePod } from '#kubelet/pod.ts';
import { latest } from '#kubelet/pod-view.ts';
import type { StreamTarget } from '#kubelet/remote-session.ts';
import { Refusal } from './refusal.ts';
import type { StreamWishes } from './remote-command.ts';
import { matchPath } from './routes.ts';
import { bridgeCommand, bridgeTunnel, isWebSocket, offersTunnel } from './web-socket.ts';

export interface PodPlace {
  readonly node: KubeNode;
  readonly pod: NodePod;
}

export const streamPaths: readonly string[] = [
  ...['exec', 'attach'].flatMap((action) => [
    `/${action}/{namespace}/{pod}/{container}`,
    `/${action}/{namespace}/{pod}/{uid}/{container}`,
  ]),
  '/portForward/{namespace}/{pod}',
  '/portForward/{namespace}/{pod}/{uid}',
];

/** Rejects with a `Refusal` before anything was answered. */
export async function joinStreams(
  find: (namespace: string, name: string) => PodPlace,
  { segments, query }: RequestTarget,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const names = streamPaths.map((path) => matchPath(path, segments)).find((found) => found !== undefined);
  if (!names) throw new Refusal(404, '404 page not found');
  const { namespace = '', pod: name = '', uid, container = '' } = names;
  const { node, pod } = find(namespace, name);
  if (uid !== undefined && uid !== pod.metadata.uid) throw new Refusal(404, 'pod not found');
  const [action] = segments;
  if (action === 'portForward') return portForward(node, pod, request, socket, head);
  const wishes = wishesOf(query);
  const command = action === 'exec' ? query.getAll('command') : undefined;
  const target = await commandTarget(node, pod, container, command, wishes);
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
  /** Undefined to attach to what runs already. */
  command: string[] | undefined,
  wishes: StreamWishes,
): Promise<StreamTarget> {
  const status = latest(await node.readView(pod.metadata.uid), container);
  if (status?.state !== 'running') throw new Refusal(500, `container not found ("${container}")`);
  const request = { containerId: status.id, ...wishes };
  return command ? node.runtime.exec({ ...request, command }) : node.runtime.attach(request);
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
  // The caller left meanwhile: his socket closes no more.
  if (socket.destroyed) return void upstream.socket.destroy();
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

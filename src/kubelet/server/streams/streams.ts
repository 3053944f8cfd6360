/** Joins the streams of exec, attach and port-forward with those that the runtime gives for them. */

import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { parseUint, strconvError } from '#api/go/integers.ts';
import type { RequestTarget } from '#base/net/request-target.ts';
import { isWebSocketRequest } from '#host/http/connection-headers.ts';
import { splice } from '#host/http/splice.ts';
import { askRuntime, passOnUpgrade } from '#host/http/upgrade.ts';
import type { KubeNode } from '../../node/kube-node.ts';
import type { NodePod } from '../../pod/pod.ts';
import { latest } from '../../runtime/pod-view.ts';
import type { StreamTarget } from '../../runtime/remote-session.ts';
import { Refusal } from '../refusal.ts';
import { matchPath } from '../routes.ts';
import type { StreamOptions } from './remote-command.ts';
import { relayCommand } from './spdy-relay.ts';
import { bridgeCommand, bridgeTunnel, tunnelledProtocols } from './web-socket.ts';

const portBits = 16;

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

export function isStreamPath(segments: readonly string[]): boolean {
  return streamPaths.some((path) => matchPath(path, segments) !== undefined);
}

/** Rejects with a `Refusal` before anything was answered. */
export async function joinStreams(
  find: (namespace: string, name: string) => PodPlace,
  { segments, query }: RequestTarget,
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
): Promise<void> {
  const names = streamPaths.map((path) => matchPath(path, segments)).find((found) => found !== undefined);
  if (!names) throw new Refusal(404, '404 page not found');
  const { namespace = '', pod: name = '', uid, container = '' } = names;
  const { node, pod } = find(namespace, name);
  if (uid !== undefined && uid !== pod.metadata.uid) throw new Refusal(404, 'pod not found');
  const [action] = segments;
  if (action === 'portForward') return portForward(node, pod, query, request, socket, head);
  const options = optionsOf(query);
  if (!options.stdin && !options.stdout && !options.stderr) {
    throw new Refusal(400, 'you must specify at least 1 of stdin, stdout, stderr');
  }
  const command = action === 'exec' ? query.getAll('command') : undefined;
  const target = await commandTarget(node, pod, container, command, options);
  if (isWebSocketRequest(request.headers)) return bridgeCommand(request, socket, head, target, options);
  await passThrough(target, request, socket, head);
}

function optionsOf(query: URLSearchParams): StreamOptions {
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
  options: StreamOptions,
): Promise<StreamTarget> {
  const status = latest(await node.readView(pod.metadata.uid), container);
  if (status?.state !== 'running') throw new Refusal(500, containerNotFound(pod, container, command));
  const request = { containerId: status.id, ...options };
  return command ? node.runtime.exec({ ...request, command }) : node.runtime.attach(request);
}

/** In upstream's words, which differ between exec and attach. */
function containerNotFound(pod: NodePod, container: string, command: string[] | undefined): string {
  return command
    ? `container not found ("${container}")`
    : `container ${container} not found in pod ${fullName(pod)}`;
}

function fullName({ metadata }: NodePod): string {
  return `${metadata.name}_${metadata.namespace}`;
}

async function portForward(
  node: KubeNode,
  pod: NodePod,
  query: URLSearchParams,
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
): Promise<void> {
  const tunnelled = isWebSocketRequest(request.headers) ? tunnelledProtocols(request) : [];
  const ports = isWebSocketRequest(request.headers) && tunnelled.length === 0 ? portsOf(query) : [];
  const sandbox = (await node.readView(pod.metadata.uid)).sandboxes.find((sandbox) => sandbox.ready);
  if (!sandbox) throw new Refusal(500, `pod not found ("${fullName(pod)}")`);
  const target = await node.runtime.portForward(sandbox.id, ports);
  if (tunnelled.length === 0) return passThrough(target, request, socket, head);
  if (target.kind !== 'url') throw new Refusal(501, 'this runtime forwards no ports');
  const answer = await askRuntime(target.url, 'POST', {
    connection: 'Upgrade',
    upgrade: 'SPDY/3.1',
    'x-stream-protocol-version': tunnelled,
  });
  if (!answer.socket) return passOnUpgrade(answer, socket, head);
  const name = answer.response.headers['x-stream-protocol-version'];
  bridgeTunnel(request, socket, head, answer, typeof name === 'string' ? name : tunnelled[0]!);
}

/** Only the older protocols over WebSocket name the ports in the URL; with SPDY each stream has its own. */
function portsOf(query: URLSearchParams): number[] {
  const given = query.getAll('port');
  if (given.length === 0) throw new Refusal(400, 'query parameter "port" is required');
  return given.flatMap((text) => {
    if (text === '') throw new Refusal(400, 'query parameter "port" cannot be empty');
    return text.split(',').map((part) => {
      const port = parseUint(part, portBits);
      if (typeof port === 'string') {
        const why = strconvError('ParseUint', part, port);
        throw new Refusal(400, `unable to parse "${text}" as a port: ${why}`);
      }
      if (port < 1n) throw new Refusal(400, `port "${text}" must be > 0`);
      return Number(port);
    });
  });
}

/**
 * A client of SPDY, or of the older port-forward protocols over WebSocket, is connected to the runtime's
 * streaming server directly: only bytes, or frames as they are, pass through here.
 */
async function passThrough(
  target: StreamTarget,
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
): Promise<void> {
  if (target.kind !== 'url') throw new Refusal(400, 'this node answers only over WebSocket');
  const headers = Object.entries(request.headersDistinct).flatMap(([name, values]) =>
    isOfTheUpgrade(name) && values ? [[name, values] as const] : [],
  );
  const answer = await askRuntime(target.url, request.method ?? 'POST', Object.fromEntries(headers));
  passOnUpgrade(answer, socket, head, target.runsCommand ? relayCommand : splice);
}

function isOfTheUpgrade(name: string): boolean {
  return (
    ['connection', 'upgrade', 'x-stream-protocol-version'].includes(name) || name.startsWith('sec-websocket-')
  );
}

/**
 * The kubelet's HTTPS server: logs, exec, attach, port-forward, pods and metrics of the nodes it serves, for
 * the API server.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { readRequestTarget } from '#base/net/request-target.ts';
import { errorText } from '#base/text/error-text.ts';
import type { Client } from '#client/client.ts';
import { type ClientIdentity, type HttpsServer, listenHttps } from '#host/http/https-server.ts';
import { refuseRaw } from '#host/http/raw-answer.ts';
import { tooManyConnections } from '#host/http/turn-away.ts';
import type { KubeNode } from '../node/kube-node.ts';
import { RuntimeError } from '../runtime/runtime.ts';
import { kubeletAccess } from './access.ts';
import { findPod } from './find-pod.ts';
import { Refusal } from './refusal.ts';
import { type RouteParts, routeList } from './route-list.ts';
import { dispatch } from './routes.ts';
import { isStreamPath, joinStreams } from './streams/streams.ts';

export interface KubeletServerOptions extends RouteParts {
  /** Reviews the callers' tokens and permissions. */
  readonly client: Client;
  /** One server may serve many simulated nodes. */
  nodes(): readonly KubeNode[];
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly certPem: string;
  readonly keyPem: string;
  readonly clientCaPem: string;
}

export function startKubeletServer(options: KubeletServerOptions): Promise<HttpsServer> {
  const access = kubeletAccess({ env: options.env, client: options.client });
  const routes = routeList(options);
  // Read once: authorization and service of a request go by the same segments.
  const enter = async (request: IncomingMessage, identity: ClientIdentity | undefined) => {
    const target = readRequestTarget(request.url ?? '');
    if (!target) throw new Refusal(400, 'the path of the request has no single meaning');
    const nodes = nodesOf(options.nodes(), request.headers.host);
    await access(request, target, identity, nodes.length === 1 ? nodes[0]!.name : '');
    return { target, nodes };
  };
  return listenHttps({
    ...options,
    tooManyConnections: tooManyConnections('text/plain', (message) => message),
    onRequest(request, response, identity) {
      enter(request, identity)
        .then((entered) => dispatch(routes, request.method ?? '', { ...entered, response }))
        .catch((error) => refuse(response, error));
    },
    mayUpgrade: ({ url = '' }) => isStreamPath(readRequestTarget(url)?.segments ?? []),
    onUpgrade(request, socket, head, identity) {
      socket.on('error', () => socket.destroy());
      enter(request, identity)
        .then(({ target, nodes }) =>
          joinStreams((namespace, name) => findPod(nodes, namespace, name), target, request, socket, head),
        )
        .catch((error) => refuseUpgrade(socket, error));
    },
  });
}

/** The node that a Host header names; all where it names none of them, such as by an address. */
function nodesOf(nodes: readonly KubeNode[], host = ''): readonly KubeNode[] {
  const name = host.replace(/:\d+$/, '');
  const named = nodes.length > 1 && nodes.find((node) => node.name === name);
  return named ? [named] : nodes;
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

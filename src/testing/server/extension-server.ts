/**
 * An extension API server on loopback, played by a test: a group of its own, known by the certificate of a
 * service, that keeps what it was asked and who asked it.
 */

import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { apiServices, services } from '#api/generated/kinds.gen.ts';
import type { Client } from '#client/client.ts';
import { systemEnv } from '#host/system-env.ts';
import { ensurePki, memoryPkiStore } from '#pki/pki.ts';

export interface ExtensionRequest {
  readonly method: string;
  readonly url: string;
  /** Name and value in turn. */
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** Common name of the proxy's certificate. */
  readonly proxy: string;
}

/** Answers itself; what it does not end is still open. */
export type ExtensionReply = (request: ExtensionRequest, response: ServerResponse) => void;

export interface ExtensionServer extends AsyncDisposable {
  readonly port: number;
  /** As an APIService holds it. */
  readonly caBundle: string;
  readonly asked: ExtensionRequest[];
  /** For the paths that it has no document for. */
  reply: ExtensionReply;
  /** By path: discovery, OpenAPI. */
  readonly documents: Map<string, object>;
}

export const extensionGroup = 'ext.example.com';

/** `namespace`: of the service `extension` that its certificate names. */
export async function startExtensionServer(
  group = extensionGroup,
  namespace = 'default',
): Promise<ExtensionServer> {
  const pki = await ensurePki({ ...systemEnv(), store: memoryPkiStore() });
  const { certPem, keyPem } = pki.leaf('extension', {
    commonName: 'extension',
    usages: ['serverAuth'],
    dnsNames: [`extension.${namespace}.svc`],
  });
  const tls = { cert: certPem, key: keyPem, requestCert: true, rejectUnauthorized: false };
  const server = createServer(tls, (request, response) => {
    request.toArray().then((chunks) => {
      const received = requestOf(request, Buffer.concat(chunks as Uint8Array[]).toString());
      extension.asked.push(received);
      const document = extension.documents.get(received.url.split('?')[0]!);
      if (document) json(response, 200, document);
      else extension.reply(received, response);
    }, response.destroy.bind(response));
  });
  server.on('upgrade', (request, socket) => {
    extension.asked.push(requestOf(request, ''));
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    socket.pipe(socket);
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const extension: ExtensionServer = {
    port,
    caBundle: Buffer.from(pki.ca.certPem).toString('base64'),
    asked: [],
    reply: (_, response) => json(response, 404, { kind: 'Status', code: 404 }),
    documents: new Map<string, object>([[`/apis/${group}/v1`, resourceListOf(group)]]),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return extension;
}

export function json(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function requestOf(request: IncomingMessage, body: string): ExtensionRequest {
  const { method = '', url = '', headers, rawHeaders } = request;
  const { subject } = (request.socket as TLSSocket).getPeerCertificate();
  return { method, url, headers, rawHeaders, body, proxy: String(subject?.CN ?? '') };
}

const resourceListOf = (group: string) => ({
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: `${group}/v1`,
  resources: [
    {
      name: 'gadgets',
      singularName: 'gadget',
      namespaced: true,
      kind: 'Gadget',
      verbs: ['create', 'delete', 'get', 'list', 'watch'],
    },
    { name: 'gadgets/status', singularName: '', namespaced: true, kind: 'Gadget', verbs: ['get'] },
  ],
});

/** A service that names the loopback, and the APIService that leads there. */
export async function registerExtension(
  client: Client,
  { port, caBundle }: Pick<ExtensionServer, 'port' | 'caBundle'>,
  { group = extensionGroup, namespace = 'default' }: { group?: string; namespace?: string } = {},
): Promise<void> {
  await client.create(services, {
    metadata: { name: 'extension', namespace },
    spec: { type: 'ExternalName', externalName: 'localhost' },
  });
  await client.create(apiServices, {
    metadata: { name: `v1.${group}` },
    spec: {
      group,
      version: 'v1',
      groupPriorityMinimum: 2000,
      versionPriority: 10,
      caBundle,
      service: { namespace, name: 'extension', port },
    },
  });
}

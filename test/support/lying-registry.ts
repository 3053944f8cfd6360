/** A registry on loopback that gives true images under some names, and under others does what no registry should. */

import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tar } from '#host/archives/tar.ts';
import { architecture } from '#host/kernel/architecture.ts';

/** What is wrong with an image; `none`: it is a true one. */
export type Lie =
  | 'none'
  | 'the digest of the layer'
  | 'a layer that ends early'
  | 'a manifest that is no JSON'
  | 'a manifest without an end'
  | 'redirects without an end'
  | 'too many requests'
  | 'no answer'
  | 'a layer by drops';

interface Blob {
  readonly bytes: Buffer;
  readonly digest: string;
}

interface Image {
  readonly layer: Blob;
  readonly config: Blob;
  readonly manifest: Blob;
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const dropBytes = 64 * 1024;
const dropMs = 100;

export class LyingRegistry {
  /** By repository; may be changed while it runs. */
  readonly lies = new Map<string, Lie>();
  /** `GET /v2/…`, as they came. */
  readonly requests: string[] = [];
  #port = 0;
  readonly #images = new Map<string, Image>();
  readonly #server: Server = createServer((request, response) => void this.#answer(request, response));

  /** Again on the same port after `stop`. */
  async start(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  get host(): string {
    return `127.0.0.1:${this.#port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** A repository whose image has a layer of about `layerBytes`; returns the image's name. */
  add(repository: string, lie: Lie, layerBytes = 1000): string {
    const file = { path: 'data', mode: 0o644, content: randomBytes(layerBytes) };
    const layer = blobOf(tar([file]));
    const config = blobOf(
      JSON.stringify({ architecture, os: 'linux', rootfs: { type: 'layers', diff_ids: [layer.digest] } }),
    );
    const manifest = blobOf(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: manifestType,
        config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...described(config) },
        layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...described(layer) }],
      }),
    );
    this.#images.set(repository, { layer, config, manifest });
    this.lies.set(repository, lie);
    return `${this.host}/${repository}:1`;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = '' } = request;
    this.requests.push(`${method} ${url}`);
    const [, repository = '', kind, reference = ''] = /^\/v2\/(.+)\/(manifests|blobs)\/(.+)$/.exec(url) ?? [];
    const image = this.#images.get(repository);
    if (!image) return void response.writeHead(404).end();
    const lie = this.lies.get(repository);
    if (lie === 'no answer') return;
    if (lie === 'redirects without an end') return void response.writeHead(307, { location: url }).end();
    if (lie === 'too many requests') return void response.writeHead(429, { 'retry-after': '3600' }).end();
    if (kind === 'manifests') await answerManifest(request, response, image.manifest, lie);
    else if (reference === image.config.digest) sendBlob(request, response, image.config);
    else await this.#answerLayer(request, response, image.layer, lie);
  }

  async #answerLayer(
    request: IncomingMessage,
    response: ServerResponse,
    { bytes, digest }: Blob,
    lie: Lie | undefined,
  ): Promise<void> {
    if (lie === 'the digest of the layer') {
      return sendBlob(request, response, { bytes: Buffer.alloc(bytes.length, 'x'), digest });
    }
    if (lie === 'a layer that ends early') {
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
      return;
    }
    if (lie !== 'a layer by drops') return sendBlob(request, response, { bytes, digest });
    response.writeHead(200, { 'content-length': bytes.length });
    for (let at = 0; at < bytes.length && !response.destroyed; at += dropBytes) {
      await drop(response, bytes.subarray(at, at + dropBytes));
    }
    response.end();
  }
}

async function answerManifest(
  request: IncomingMessage,
  response: ServerResponse,
  manifest: Blob,
  lie: Lie | undefined,
): Promise<void> {
  if (lie === 'a manifest that is no JSON') {
    sendBlob(request, response, blobOf('<html>Welcome to the hotel</html>'), manifestType);
    return;
  }
  if (lie === 'a manifest without an end' && request.method === 'GET') {
    response.writeHead(200, { 'content-type': manifestType });
    while (!response.destroyed) await drop(response, Buffer.alloc(dropBytes, ' '));
    return;
  }
  sendBlob(request, response, manifest, manifestType);
}

async function drop(response: ServerResponse, bytes: Buffer): Promise<void> {
  response.write(bytes);
  await new Promise((resolve) => setTimeout(resolve, dropMs));
}

/** Whole, or from the beginning of the requested range. */
function sendBlob(
  { method, headers }: IncomingMessage,
  response: ServerResponse,
  { bytes, digest }: Blob,
  type = 'application/octet-stream',
): void {
  const from = Number(/^bytes=(\d+)-/.exec(headers.range ?? '')?.[1] ?? 0);
  const rest = bytes.subarray(from);
  response.writeHead(from > 0 ? 206 : 200, {
    'content-type': type,
    'content-length': rest.length,
    'docker-content-digest': digest,
    ...(from > 0 ? { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {}),
  });
  response.end(method === 'HEAD' ? undefined : rest);
}

function blobOf(content: string | Buffer): Blob {
  const bytes = Buffer.from(content);
  return { bytes, digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}` };
}

function described({ digest, bytes }: Blob): { readonly digest: string; readonly size: number } {
  return { digest, size: bytes.length };
}

/**
 * An answer as it leaves the proxy: redirects and links of pages lead through it, and it speaks for no other
 * origin.
 */

import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type Readable, Transform } from 'node:stream';
import { createGunzip, createInflate } from 'node:zlib';
import { unknownError } from '#api/meta/status.ts';
import { errorText } from '#base/text/error-text.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import { streamedResponse, streamOf } from './forward.ts';
import { behindPrefix, PageLinks } from './page-links.ts';

/** Whom a page of the backend trusts is not whom the API server trusts. */
const originHeaders = ['credentials', 'headers', 'methods', 'origin'].map(
  (what) => `access-control-allow-${what}`,
);

const unpackers = new Map<string, () => Transform>([
  ['gzip', createGunzip],
  ['deflate', createInflate],
]);

/** `hosts` are the names by which a link may call the backend; an answer to HEAD has headers only. */
export async function throughProxy(
  answer: IncomingMessage,
  prefix: string,
  hosts: readonly string[],
  hasBody: boolean,
): Promise<ApiResponse> {
  const plain = streamedResponse(answer);
  const headers = { ...plain.headers };
  // Beside the API server's own, as upstream: a backend does not make it less private.
  if (headers['cache-control']) headers['cache-control'] = `no-cache, private, ${headers['cache-control']}`;
  for (const name of originHeaders) delete headers[name];
  const { location } = headers;
  if (location) return { ...plain, headers: { ...headers, location: behindPrefix(location, prefix, hosts) } };
  const encoding = headers['content-encoding'] ?? '';
  const isReadable = encoding === '' || unpackers.has(encoding);
  if (!hasBody || !isPage(headers['content-type']) || !isReadable) return { ...plain, headers };
  delete headers['content-encoding'];
  delete headers['content-length'];
  const pages = linksThrough(new PageLinks(prefix, hosts));
  const text = encoding === '' ? answer : await unpacked(answer, encoding);
  for (const source of new Set([answer, text])) source.on('error', (error) => pages.destroy(error));
  pages.on('close', () => answer.destroy());
  return { ...plain, headers, body: streamOf(text.pipe(pages)) };
}

/** Rejects when it is not encoded as its Content-Encoding says, as long as that can still be reported. */
async function unpacked(answer: IncomingMessage, encoding: string): Promise<Readable> {
  const text = answer.pipe(unpackers.get(encoding)!());
  try {
    await Promise.race(['readable', 'end'].map((event) => once(text, event)));
    return text;
  } catch (error) {
    answer.destroy();
    throw unknownError(`error making ${encoding} reader: ${errorText(error)}`);
  }
}

function isPage(contentType = ''): boolean {
  return contentType.split(';')[0]!.trim().toLowerCase() === 'text/html';
}

function linksThrough(links: PageLinks): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      done(null, Buffer.from(links.push(chunk.toString('latin1')), 'latin1'));
    },
    flush(done) {
      done(null, Buffer.from(links.end(), 'latin1'));
    },
  });
}

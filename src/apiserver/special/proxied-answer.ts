/** An answer as it leaves the proxy: redirects and links of pages lead through it, and it speaks for no other origin. */

import type { IncomingMessage } from 'node:http';
import { Transform } from 'node:stream';
import { createGunzip, createInflate } from 'node:zlib';
import type { ApiResponse } from '#client/transport.ts';
import { streamedResponse, streamOf } from './forward.ts';
import { behindPrefix, PageLinks } from './page-links.ts';

/** Whom a page of the backend trusts is not whom the API server trusts. */
const originHeaders = ['credentials', 'headers', 'methods', 'origin'].map(
  (what) => `access-control-allow-${what}`,
);

const unpack = { gzip: createGunzip, deflate: createInflate };

/** `hosts` are the names by which a link may call the backend. */
export function throughProxy(answer: IncomingMessage, prefix: string, hosts: readonly string[]): ApiResponse {
  const plain = streamedResponse(answer);
  const headers = { ...plain.headers };
  for (const name of originHeaders) delete headers[name];
  const { location } = headers;
  if (location) return { ...plain, headers: { ...headers, location: behindPrefix(location, prefix, hosts) } };
  const encoding = headers['content-encoding'] ?? '';
  const isReadable = encoding === '' || encoding in unpack;
  if (!isPage(headers['content-type']) || !isReadable) return { ...plain, headers };
  delete headers['content-encoding'];
  const pages = linksThrough(new PageLinks(prefix, hosts));
  const text = encoding === '' ? answer : answer.pipe(unpack[encoding as keyof typeof unpack]());
  for (const source of new Set([answer, text])) source.on('error', (error) => pages.destroy(error));
  pages.on('close', () => answer.destroy());
  return { ...plain, headers, body: streamOf(text.pipe(pages)) };
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

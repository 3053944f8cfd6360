/** Sends an answer: whole, in pieces, or as a stream; large ones compressed for those who take it. */

import type { ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { Writable } from 'node:stream';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { isStream } from '#client/transport/body.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import { takesGzip } from '../codec/encode/accept-encoding.ts';
import { isGone } from './incoming-request.ts';
import { responseSink } from './response-sink.ts';
import { type Patience, sendSlices, sliceBytesMax } from './send-slices.ts';

/** Upstream's threshold and level. */
const gzipMinBytes = 128 * 1024;
const gzipLevel = 1;
const gzipAsync = promisify(gzip);

/** Returns a promise when it takes more than one write. */
export function sendResponse(
  request: Http2ServerRequest,
  response: Http2ServerResponse,
  answer: ApiResponse,
  patience: Patience,
): Promise<void> | undefined {
  const { body, status, headers } = answer;
  if (isStream(body)) {
    const { cookies } = answer;
    response.writeHead(status, cookies ? { ...headers, 'set-cookie': [...cookies] } : headers);
    // HTTP/1.1 would keep the headers back until the first bytes of the body.
    if (!body.isPrompt && 'flushHeaders' in response) (response as unknown as ServerResponse).flushHeaders();
    body.start(responseSink(response));
    return undefined;
  }
  const pieces = body instanceof Uint8Array ? [body] : body;
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (request.method === 'HEAD') {
    response.writeHead(status, { ...headers, 'content-length': String(length) });
    response.end();
    return undefined;
  }
  if (length > gzipMinBytes && takesGzip(request.headers['accept-encoding'])) {
    return sendCompressed(response, answer, pieces, patience);
  }
  response.writeHead(status, { ...headers, 'content-length': String(length) });
  if (pieces.length !== 1 || length > sliceBytesMax) {
    return sendSlices(response as unknown as Writable, pieces, patience);
  }
  response.end(pieces[0]!);
  return undefined;
}

async function sendCompressed(
  response: Http2ServerResponse,
  { status, headers }: ApiResponse,
  pieces: readonly Uint8Array[],
  patience: Patience,
): Promise<void> {
  const bytes = await gzipAsync(Buffer.concat(pieces), { level: gzipLevel });
  if (isGone(response)) return;
  const compressed = {
    'content-encoding': 'gzip',
    vary: 'Accept-Encoding',
    'content-length': String(bytes.length),
  };
  response.writeHead(status, { ...headers, ...compressed });
  await sendSlices(response as unknown as Writable, [bytes], patience);
}

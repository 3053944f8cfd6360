/** A stream of answers onto an HTTP response. */

import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import type { ByteSink } from '#client/transport/transport.ts';

export function responseSink(response: ServerResponse | Http2ServerResponse): ByteSink {
  return {
    write: (chunk) => !response.destroyed && writeNow(response, chunk),
    end: () => response.end(),
    fail: (error) => response.destroy(error),
    onDrain: (callback) => response.on('drain', callback),
    onClose: (callback) => response.on('close', callback),
  };
}

/**
 * HTTP/1.1 keeps what is written until all else of this turn is done. Here it is encrypted at once: any other
 * response that shares the thread among many answers measures what a piece costs while it is written.
 */
function writeNow(response: ServerResponse | Http2ServerResponse, chunk: Uint8Array): boolean {
  if (!('flushHeaders' in response)) return response.write(chunk);
  const goesOn = response.write(chunk);
  response.socket?.uncork();
  return goesOn;
}

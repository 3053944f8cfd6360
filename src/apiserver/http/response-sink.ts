/** A stream of answers onto an HTTP response. */

import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import type { ByteSink } from '#client/transport/transport.ts';

type Written = (error?: Error | null) => void;

export function responseSink(response: ServerResponse | Http2ServerResponse): ByteSink {
  return {
    write: (chunk, sent) =>
      !response.destroyed && writeNow(response, chunk, sent && ((error) => error || sent())),
    end: () => response.end(),
    fail: (error) => response.destroy(error),
    onDrain: (callback) => response.on('drain', callback),
    onClose: (callback) => response.on('close', callback),
  };
}

/** Its writes of one turn leave in one piece for each connection, without being held back here. */
function isHttp2(response: ServerResponse | Http2ServerResponse): response is Http2ServerResponse {
  return 'stream' in response;
}

/**
 * With HTTP/1.1 Node would hold a chunk back until all else of this turn is done, and then write its length
 * apart from its bytes: two TLS records, and two system calls. Between cork and uncork it is one of each, and
 * is encrypted at once: any other response that shares the thread among many answers measures what a piece
 * costs while it is written.
 */
function writeNow(
  response: ServerResponse | Http2ServerResponse,
  chunk: Uint8Array,
  written: Written | undefined,
): boolean {
  // Its head is sent: the response would only look for that before it hands the chunk to its stream.
  if (isHttp2(response)) return response.stream.write(chunk, written);
  response.cork();
  response.write(chunk, written);
  response.uncork();
  // What `write` returned was said before the chunk was on its way.
  return !response.writableNeedDrain;
}

/** A stream of answers onto an HTTP response. */

import type { Writable } from 'node:stream';
import type { ByteSink } from '#client/transport/transport.ts';

export function responseSink(response: Writable): ByteSink {
  return {
    write: (chunk) => !response.destroyed && response.write(chunk),
    end: () => response.end(),
    fail: (error) => response.destroy(error),
    onDrain: (callback) => response.on('drain', callback),
    onClose: (callback) => response.on('close', callback),
  };
}

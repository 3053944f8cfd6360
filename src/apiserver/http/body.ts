/** Reads a request's body, up to upstream's limit. */

import type { Readable } from 'node:stream';
import { requestEntityTooLarge } from '#api/status.ts';

const bodyBytesMax = 3 * 1024 * 1024;

export function readBody(request: Readable): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let ended = false;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > bodyBytesMax) {
        request.removeAllListeners('data');
        request.resume();
        reject(requestEntityTooLarge(`Request entity too large: limit is ${bodyBytesMax}`));
      } else chunks.push(chunk);
    });
    request.on('end', () => {
      ended = true;
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
    });
    request.on('error', reject);
    request.on('close', () => {
      // Making an error is expensive, and nearly every request closes after its end.
      if (!ended) reject(new Error('the client went away'));
    });
  });
}

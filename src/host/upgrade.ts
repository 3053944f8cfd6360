/** Opens a connection to a server of this machine and asks it to change the protocol. */

import { request as httpRequest } from 'node:http';
import type { Duplex } from 'node:stream';

export interface Upgraded {
  readonly socket: Duplex;
  /** What came right behind the answer's head. */
  readonly head: Buffer;
  readonly headers: NodeJS.Dict<string | string[]>;
}

const timeoutMs = 10_000;

/** Rejects with the server's words when it refuses. */
export function openUpgraded(url: string, headers: Record<string, string | string[]>): Promise<Upgraded> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method: 'POST', headers, agent: false });
    const timer = setTimeout(() => request.destroy(new Error(`no answer from ${url}`)), timeoutMs);
    request.on('upgrade', (response, socket, head) => {
      clearTimeout(timer);
      resolve({ socket, head, headers: response.headers });
    });
    request.on('response', (response) => {
      clearTimeout(timer);
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        reject(new Error(Buffer.concat(chunks).toString() || `status ${response.statusCode}`)),
      );
    });
    request.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    request.end();
  });
}

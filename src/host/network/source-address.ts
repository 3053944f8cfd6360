/** By which of its addresses this machine reaches another, found by a connection. */

import { connect } from 'node:net';

/** Rejects with the system's error, or one of its own after `limitMs`. */
export function sourceAddressTo(host: string, port: number, limitMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    socket.setTimeout(limitMs, () => socket.destroy(new Error(`no answer within ${limitMs / 1000} s`)));
    socket.once('error', reject);
    socket.once('connect', () => {
      resolve(socket.localAddress ?? '');
      socket.destroy();
    });
  });
}

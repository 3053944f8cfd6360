/** Limits how long an outgoing request waits for its connection, not for its response. */

import type { ClientRequest } from 'node:http';

/** Fails the request, with Go's message, when there is no connection in time. */
export function boundConnecting(request: ClientRequest, timeoutMs: number): void {
  request.once('socket', (socket) => {
    if (!socket.connecting) return;
    const timer = setTimeout(() => request.destroy(new Error('i/o timeout')), timeoutMs);
    for (const event of ['connect', 'close']) socket.once(event, () => clearTimeout(timer));
  });
}

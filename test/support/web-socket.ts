/**
 * A plain WebSocket to a cluster's API server, as clients without SPDY open it; and the end of one that is
 * cut off.
 */

import { readFileSync } from 'node:fs';
import { type RawData, WebSocket } from 'ws';
import { parse } from 'yaml';

interface Kubeconfig {
  clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
  users: { user: Record<string, string> }[];
}

export function openSocket(kubeconfig: string, path: string, protocols: string[]): WebSocket {
  const config: Kubeconfig = parse(readFileSync(kubeconfig, 'utf8'));
  const { cluster } = config.clusters[0]!;
  const { user } = config.users[0]!;
  const decoded = (text = '') => Buffer.from(text, 'base64');
  return new WebSocket(cluster.server.replace(/^http/, 'ws') + path, protocols, {
    ca: decoded(cluster['certificate-authority-data']),
    cert: decoded(user['client-certificate-data']),
    key: decoded(user['client-key-data']),
  });
}

/** Its messages one after the other; undefined once it has closed. */
export function messagesOf(socket: WebSocket): () => Promise<Buffer | undefined> {
  const messages: Buffer[] = [];
  let over = false;
  let wake = () => {};
  socket.on('message', (data: RawData) => {
    messages.push(data as Buffer);
    wake();
  });
  socket.on('close', () => {
    over = true;
    wake();
  });
  socket.on('error', () => undefined);
  return async () => {
    while (messages.length === 0 && !over) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return messages.shift();
  };
}

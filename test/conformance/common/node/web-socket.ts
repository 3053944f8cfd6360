/** A plain WebSocket to the API server, as clients without SPDY open it. */

import { readFileSync } from 'node:fs';
import WebSocket from 'ws';
import { parse } from 'yaml';
import type { BehaviourContext } from '../../behaviour.ts';

interface Kubeconfig {
  clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
  users: { user: { 'client-certificate-data'?: string; 'client-key-data'?: string; token?: string } }[];
}

/** Every message until the server closes the connection. */
export function socketText(context: BehaviourContext, path: string, protocol: string): Promise<Buffer[]> {
  const config: Kubeconfig = parse(readFileSync(context.cluster.kubeconfig, 'utf8'));
  const { cluster } = config.clusters[0]!;
  const { user } = config.users[0]!;
  const decoded = (text: string | undefined) => (text ? Buffer.from(text, 'base64') : undefined);
  const socket = new WebSocket(cluster.server.replace(/^http/, 'ws') + path, protocol, {
    ca: decoded(cluster['certificate-authority-data']),
    cert: decoded(user['client-certificate-data']),
    key: decoded(user['client-key-data']),
    ...(user.token ? { headers: { authorization: `Bearer ${user.token}` } } : {}),
  });
  const frames: Buffer[] = [];
  return new Promise((resolve, reject) => {
    socket.on('message', (data: Buffer) => frames.push(data));
    socket.on('error', reject);
    socket.on('close', () => resolve(frames));
  });
}

/** Requests as the cluster's admin that the typed client does not make: other methods, headers and answers. */

import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { bodyText } from '#client/body.ts';
import { httpsTransport } from '#client/https-transport.ts';
import type { BehaviourContext } from './behaviour.ts';

interface Kubeconfig {
  clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
  users: { user: { 'client-certificate-data': string; 'client-key-data': string } }[];
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export async function request(
  { cluster }: BehaviourContext,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: unknown,
): Promise<Answer> {
  const config: Kubeconfig = parse(readFileSync(cluster.kubeconfig, 'utf8'));
  const server = config.clusters[0]!.cluster;
  const { user } = config.users[0]!;
  const decoded = (text: string) => Buffer.from(text, 'base64').toString();
  const transport = httpsTransport({
    server: server.server,
    ca: decoded(server['certificate-authority-data']),
    cert: decoded(user['client-certificate-data']),
    key: decoded(user['client-key-data']),
  });
  try {
    const sent = body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) };
    const answer = await transport.request({ method, path, headers, ...sent });
    return { status: answer.status, headers: answer.headers, text: await bodyText(answer) };
  } finally {
    await transport.close();
  }
}

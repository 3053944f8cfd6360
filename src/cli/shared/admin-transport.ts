/** A client with the identity of a cluster's admin kubeconfig. */

import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Client } from '#client/client.ts';
import { createClient } from '#client/rest/client.ts';
import { httpsTransport } from '#client/transport/https.ts';
import type { Transport } from '#client/transport/transport.ts';
import { clusterPaths } from '#host/home/cluster-home.ts';
import { configOf } from './cluster-option.ts';
import { Problem } from './problem.ts';

interface KubeconfigView {
  clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
  users: { user: { 'client-certificate-data': string; 'client-key-data': string } }[];
}

export function adminTransport(
  kubeconfig: string,
  options: { readonly connectTimeoutMs?: number } = {},
): {
  client: Client;
  transport: Transport;
  /** PEM of the API server's authorities. */
  caPem: string;
  close(): Promise<void>;
} {
  const config: KubeconfigView = parse(kubeconfig);
  const cluster = config.clusters[0]?.cluster;
  const user = config.users[0]?.user;
  if (!cluster || !user) throw new Error('the kubeconfig names no cluster or no user');
  const caPem = fromBase64(cluster['certificate-authority-data']);
  const transport = httpsTransport({
    ...options,
    server: cluster.server,
    ca: caPem,
    cert: fromBase64(user['client-certificate-data']),
    key: fromBase64(user['client-key-data']),
  });
  return {
    client: createClient(transport, { userAgent: 'kybern' }),
    transport,
    caPem,
    close: () => transport.close(),
  };
}

function fromBase64(text: string): string {
  return Buffer.from(text, 'base64').toString();
}

/** Runs `work` as the admin of a cluster that runs on this machine. */
export async function withAdmin<T>(name: string, work: (client: Client) => Promise<T>): Promise<T> {
  configOf(name);
  const { kubeconfig } = clusterPaths(name);
  if (!existsSync(kubeconfig)) throw notRunning(name);
  const admin = adminTransport(readFileSync(kubeconfig, 'utf8'));
  try {
    return await work(admin.client);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ECONNREFUSED' ? notRunning(name) : error;
  } finally {
    await admin.close();
  }
}

function notRunning(name: string): Problem {
  return new Problem(`cluster ${name} is not running`, `start it: kybern up --name ${name}`);
}

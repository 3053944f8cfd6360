/**
 * Finds out about a cluster as kubeadm does, with nothing but a URL, a token and the hash of the cluster's authority:
 *
 *   1. read the ConfigMap cluster-info from a server that is not verified yet
 *   2. verify the token's signature of it, and the authority in it by its hash
 *   3. read it again from the server, verified by that authority: both must be the same
 */

import { configMaps } from '#api/generated/kinds.gen.ts';
import type { ConfigMap } from '#api/generated/types.gen.ts';
import { StatusError } from '#api/meta/status.ts';
import { type BootstrapToken, detachedSignature } from '#api/values/bootstrap-token.ts';
import { errorText } from '#base/text/error-text.ts';
import { createClient } from '#client/rest/client.ts';
import { type HttpsTransportOptions, httpsTransport } from '#client/transport/https.ts';
import { publicKeyPin } from '#pki/certificate.ts';
import { Problem } from '../../shared/problem.ts';
import { type ClusterInfo, readClusterInfo } from './cluster-info.ts';

export interface DiscoveryOptions {
  readonly server: string;
  readonly token: BootstrapToken;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly caHash: string;
}

const another = 'make another: kybern token create --print-join-command, on a machine of the control plane';
const connectTimeoutMs = 10_000;

/** Throws a `Problem` for everything that may be wrong with what the user has given. */
export async function discover({ server, token, caHash }: DiscoveryOptions): Promise<ClusterInfo> {
  const { data = {} } = await clusterInfoOf({ server, insecureSkipTlsVerify: true });
  const kubeconfig = data['kubeconfig'];
  const info = readClusterInfo(kubeconfig);
  if (kubeconfig === undefined || !info) throw notJoinable(server);
  const signature = data[`jws-kubeconfig-${token.id}`];
  if (signature === undefined) {
    throw new Problem(`the cluster at ${server} has no token ${token.id}, or it has expired`, another);
  }
  if (signature !== detachedSignature(kubeconfig, token)) {
    throw new Problem(`the token ${token.id} is not the one that the cluster at ${server} has`, another);
  }
  if (publicKeyPin(info.caPem) !== caHash) {
    throw new Problem(
      `the authority of the cluster at ${server} is not the one of --ca-hash`,
      'another cluster may answer there; compare with: kybern token create --print-join-command',
    );
  }
  const verified = await clusterInfoOf({ server, ca: info.caPem });
  if (verified.data?.['kubeconfig'] === kubeconfig) return info;
  throw new Problem(`the cluster at ${server} gave two different answers`, 'try it again');
}

async function clusterInfoOf(options: HttpsTransportOptions): Promise<ConfigMap> {
  const transport = httpsTransport({ ...options, connectTimeoutMs });
  try {
    const client = createClient(transport, { userAgent: 'kybern' });
    return await client.get(configMaps, { namespace: 'kube-public', name: 'cluster-info' });
  } catch (error) {
    throw error instanceof StatusError ? notJoinable(options.server) : unreachable(options.server, error);
  } finally {
    await transport.close();
  }
}

function notJoinable(server: string): Problem {
  return new Problem(
    `the cluster at ${server} cannot be joined: it does not show its cluster-info`,
    'kybern up --address ADDRESS makes a cluster that other machines may join',
  );
}

export function unreachable(server: string, error: unknown): Problem {
  return new Problem(
    `${server} cannot be reached: ${errorText(error)}`,
    'is the cluster up, with --address, and does no firewall keep this machine from it?',
  );
}

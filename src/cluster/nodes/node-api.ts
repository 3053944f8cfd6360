/** How the parts of a node reach the API: calls in the process of the control plane, or over HTTPS. */

import type { UserInfo } from '#api/meta/user.ts';
import type { Client } from '#client/client.ts';
import type { Informers } from '#client/informers/informer.ts';
import { createClient } from '#client/rest/client.ts';
import type { KeyPair } from '#pki/certificate.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { dnsUser, nodeUser, policiesUser, proxyUser } from '../control-plane/identities.ts';

/** The API as one identity has it. */
export interface ApiAccess {
  readonly client: Client;
  readonly informers: Informers;
}

/** What the kubelet's server shows to its callers, and how it knows them. */
export interface KubeletServing {
  readonly certificate: KeyPair;
  /** PEM of the authorities of client certificates. */
  readonly clientCaPem: string;
  /** Calls back at once with the certificate of now, and with each later one; absent where it never changes. */
  follow?(use: (certificate: KeyPair) => void): void;
}

export interface NodeApi {
  /** As `system:node:NAME`. */
  readonly kubelet: ApiAccess;
  /** Service proxy and the node's network; over HTTPS with the node's identity. */
  readonly network: ApiAccess;
  /** Network policies; over HTTPS with the node's identity. */
  readonly policies: ApiAccess;
  /** DNS; over HTTPS with the node's identity. */
  readonly dns: ApiAccess;
  readonly serving: KubeletServing;
}

/** Of a node beside the control plane: each part under upstream's user. `address`: of the kubelet's server. */
export function inProcessApi(
  { server, readers, pki }: Pick<ControlPlane, 'server' | 'readers' | 'pki'>,
  nodeName: string,
  address: string,
): NodeApi {
  const as = (user: UserInfo, userAgent: string): ApiAccess => ({
    client: createClient(server.transport(user), { userAgent }),
    informers: readers.as(user),
  });
  return {
    kubelet: as(nodeUser(nodeName), 'kubelet'),
    network: as(proxyUser, 'kube-proxy'),
    policies: as(policiesUser, 'network-policies'),
    dns: as(dnsUser, 'coredns'),
    serving: { certificate: pki.kubeletServing(nodeName, [address]), clientCaPem: pki.ca.certPem },
  };
}

/**
 * Attributes of the pod and tokens of its ServiceAccount that a driver is given when a volume is published, if its
 * CSIDriver asks for them. Upstream: pkg/volume/csi/csi_mounter.go.
 */

import { serviceAccounts } from '#api/generated/kinds.gen.ts';
import type { CSIDriver, TokenRequest } from '#api/generated/types.gen.ts';
import type { Client } from '#client/client.ts';
import type { NodePod } from '../pod/pod.ts';
import type { LifecycleMode } from './csi-driver.ts';

type Attributes = Readonly<Record<string, string>>;

export function podAttributes(
  driver: CSIDriver | undefined,
  { metadata, spec }: NodePod,
  mode: LifecycleMode,
): Attributes {
  if (driver?.spec.podInfoOnMount !== true) return {};
  return {
    'csi.storage.k8s.io/pod.name': metadata.name,
    'csi.storage.k8s.io/pod.namespace': metadata.namespace ?? '',
    'csi.storage.k8s.io/pod.uid': metadata.uid,
    'csi.storage.k8s.io/serviceAccount.name': spec.serviceAccountName ?? '',
    'csi.storage.k8s.io/ephemeral': String(mode === 'Ephemeral'),
  };
}

/** Tokens of the pod's ServiceAccount, by audience, as one JSON text. */
export async function tokenAttributes(
  client: Client,
  driver: CSIDriver | undefined,
  pod: NodePod,
): Promise<Attributes> {
  const { tokenRequests = [] } = driver?.spec ?? {};
  if (tokenRequests.length === 0) return {};
  const tokens: Record<string, unknown> = {};
  for (const { audience, expirationSeconds } of tokenRequests) {
    tokens[audience] = (await requestToken(client, pod, audience, expirationSeconds)).status;
  }
  return { 'csi.storage.k8s.io/serviceAccount.tokens': JSON.stringify(tokens) };
}

function requestToken(
  client: Client,
  { metadata, spec }: NodePod,
  audience: string,
  expirationSeconds: number | undefined,
): Promise<TokenRequest> {
  const { name, uid, namespace = '' } = metadata;
  const key = { namespace, name: spec.serviceAccountName ?? 'default' };
  return client.createSubresource<TokenRequest>(serviceAccounts, key, 'token', {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: {
      audiences: audience === '' ? [] : [audience],
      ...(expirationSeconds === undefined ? {} : { expirationSeconds }),
      boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
    },
  } as TokenRequest);
}

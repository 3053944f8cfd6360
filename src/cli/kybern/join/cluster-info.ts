/** The kubeconfig of the ConfigMap kube-public/cluster-info: where a cluster is reached, and by which authority. */

import { parse } from 'yaml';

export interface ClusterInfo {
  /** `https://192.0.2.7:6443`. */
  readonly server: string;
  readonly caPem: string;
}

interface View {
  readonly clusters?: {
    readonly cluster?: { readonly server?: unknown; readonly [field: string]: unknown };
  }[];
}

/** Undefined where the text is no such kubeconfig. */
export function readClusterInfo(kubeconfig: string | undefined): ClusterInfo | undefined {
  const view: View | undefined = kubeconfig === undefined ? undefined : parsed(kubeconfig);
  const cluster = view?.clusters?.[0]?.cluster;
  const authority = cluster?.['certificate-authority-data'];
  if (typeof cluster?.server !== 'string' || typeof authority !== 'string') return undefined;
  return { server: cluster.server, caPem: Buffer.from(authority, 'base64').toString() };
}

function parsed(text: string): View | undefined {
  try {
    return parse(text) ?? undefined;
  } catch {
    return undefined;
  }
}

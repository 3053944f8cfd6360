/** The /etc/hosts of a pod's containers. */

import type { NodePod } from '../pod/pod.ts';
import { podDomain } from './hostname.ts';

const fixed = `# Kubernetes-managed hosts file.
127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::0\tip6-localnet
fe00::0\tip6-mcastprefix
fe00::1\tip6-allnodes
fe00::2\tip6-allrouters
`;

export interface HostsInput {
  readonly pod: NodePod;
  readonly podIps: readonly string[];
  readonly hostname: string;
  readonly clusterDomain: string;
  /** The machine's own file, which a pod in the host's network sees. */
  readonly hostFile: string;
}

export function hostsFile({ pod, podIps, hostname, clusterDomain, hostFile }: HostsInput): string {
  if (pod.spec.hostNetwork) {
    return `# Kubernetes-managed hosts file (host network).\n${hostFile}${aliases(pod)}`;
  }
  const domain = podDomain(pod, clusterDomain);
  const full = domain === '' ? '' : `${hostname}.${domain}\t`;
  const own = podIps.map((ip) => `${ip}\t${full}${hostname}\n`).join('');
  return `${fixed}${own}${aliases(pod)}`;
}

function aliases(pod: NodePod): string {
  const entries = pod.spec.hostAliases ?? [];
  if (entries.length === 0) return '';
  const lines = entries.map(({ ip, hostnames = [] }) => `${ip}\t${hostnames.join('\t')}\n`);
  return `\n# Entries added by HostAliases.\n${lines.join('')}`;
}

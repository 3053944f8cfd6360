/** The host name of a pod on the network, and the one that its kernel reports. */

import type { NodePod } from '../pod/pod.ts';

const hostnameMax = 63;
/** The kernel's own limit for a node name. */
const kernelNameMax = 64;

export function podHostname(pod: NodePod, nodeName: string): string {
  if (pod.spec.hostNetwork) return nodeName;
  const name = pod.spec.hostnameOverride ?? pod.spec.hostname ?? pod.metadata.name;
  return name.slice(0, hostnameMax).replace(/[-.]+$/, '');
}

/** `subdomain.namespace.svc.cluster.local`; empty without a subdomain. */
export function podDomain(pod: NodePod, clusterDomain: string): string {
  const { subdomain, hostnameOverride } = pod.spec;
  if (!subdomain || hostnameOverride !== undefined) return '';
  return `${subdomain}.${pod.metadata.namespace}.svc.${clusterDomain}`;
}

/** Throws when setHostnameAsFQDN needs a longer name than the kernel can hold. */
export function kernelHostname(pod: NodePod, nodeName: string, clusterDomain: string): string {
  if (pod.spec.hostNetwork) return '';
  const hostname = podHostname(pod, nodeName);
  const domain = podDomain(pod, clusterDomain);
  if (!pod.spec.setHostnameAsFQDN || domain === '') return hostname;
  const fqdn = `${hostname}.${domain}`;
  if (fqdn.length > kernelNameMax) {
    throw new Error(
      `failed to construct FQDN from pod hostname and cluster domain, FQDN ${fqdn} is too long (${kernelNameMax} characters is the max, ${fqdn.length} characters requested)`,
    );
  }
  return fqdn;
}

/** The resolv.conf of a pod: by its dnsPolicy, then changed by its dnsConfig. */

import type { NodePod } from '../pod/pod.ts';

export interface DnsConfig {
  servers: string[];
  searches: string[];
  options: string[];
}

export interface DnsSettings {
  readonly clusterDns: string;
  readonly clusterDomain: string;
  /** The machine's own. */
  readonly host: DnsConfig;
}

const serversMax = 3;
const searchesMax = 32;

export function podDns(pod: NodePod, settings: DnsSettings): DnsConfig {
  const base = byPolicy(pod, settings);
  const own = pod.spec.dnsConfig;
  const options = new Map(base.options.map((option) => [option.split(':')[0]!, option]));
  for (const { name = '', value } of own?.options ?? []) {
    options.set(name, value === undefined ? name : `${name}:${value}`);
  }
  return {
    servers: unique([...base.servers, ...(own?.nameservers ?? [])]).slice(0, serversMax),
    searches: unique([...base.searches, ...(own?.searches ?? [])]).slice(0, searchesMax),
    options: [...options.values()],
  };
}

function byPolicy(pod: NodePod, { clusterDns, clusterDomain, host }: DnsSettings): DnsConfig {
  const policy = pod.spec.dnsPolicy ?? 'ClusterFirst';
  if (policy === 'None') return { servers: [], searches: [], options: [] };
  const cluster =
    policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && !pod.spec.hostNetwork);
  if (!cluster || clusterDns === '') return host;
  const searches = [`${pod.metadata.namespace}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain];
  return { servers: [clusterDns], searches: [...searches, ...host.searches], options: ['ndots:5'] };
}

function unique(list: string[]): string[] {
  return [...new Set(list)];
}

export function parseResolvConf(text: string): DnsConfig {
  const config: DnsConfig = { servers: [], searches: [], options: [] };
  for (const line of text.split('\n')) {
    const [keyword, ...words] = line.trim().split(/\s+/);
    if (keyword === 'nameserver' && words[0]) config.servers.push(words[0]);
    if (keyword === 'search') config.searches = words;
    if (keyword === 'options') config.options.push(...words);
  }
  return config;
}

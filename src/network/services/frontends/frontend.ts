/** What clients connect to, one address family at a time, and the backends that answer there. */

import { formatIp, parseCidr, parseIp } from '#api/values/ip.ts';
import type { Family } from '#base/net/range-list.ts';

export type { Family };

export type Protocol = 'tcp' | 'udp' | 'sctp';

export interface Backend {
  readonly ip: string;
  readonly port: number;
}

/** One port of a service, or one host port of a pod. All addresses are of `family`. */
export interface Frontend {
  /** Unique in its family: `default/web:http`; for a host port `default/pod/tcp/80`. */
  readonly id: string;
  readonly family: Family;
  readonly protocol: Protocol;
  readonly port: number;
  /** Addresses reached from inside: cluster IPs. */
  readonly clusterIps: readonly string[];
  /** Addresses reached from outside: externalIPs and load balancer addresses. */
  readonly externalIps: readonly string[];
  /** The part of `externalIps` that only `sourceRanges` may reach. */
  readonly guardedIps?: readonly string[];
  readonly sourceRanges?: readonly string[];
  readonly nodePort?: number;
  /** Seconds a client sticks to a backend; undefined without ClientIP affinity. */
  readonly affinitySeconds?: number;
  /** Backends for cluster IPs. */
  readonly backends: readonly Backend[];
  /** Backends for node ports and external addresses; the same list unless externalTrafficPolicy is Local. */
  readonly externalBackends: readonly Backend[];
  /**
   * Backends regardless of traffic policies: for pods and programs of this node that use an external address.
   */
  readonly anyBackends: readonly Backend[];
  /** externalTrafficPolicy Local preserves the client's address. */
  readonly keepsSource: boolean;
  /** Backends to which existing flows may continue. */
  readonly servingBackends: readonly Backend[];
  /** Backends that may be on this node: they reach themselves through the service only when masqueraded. */
  readonly hairpinIps: readonly string[];
}

/** A node's name and zone, for topology hints. */
export interface Place {
  readonly nodeName: string;
  readonly zone: string;
}

/**
 * The addresses of `family`, in canonical form. The table is written in one transaction: a single address
 * that nft rejects would fail it for all services.
 */
export function ipsOf(family: Family, texts: readonly string[]): string[] {
  return texts.flatMap((text) => {
    const ip = parseIp(text);
    return ip?.family === family ? [formatIp(ip)] : [];
  });
}

/** The ranges of `family`, in canonical form. */
export function rangesOf(family: Family, texts: readonly string[]): string[] {
  return texts.flatMap((text) => {
    const range = parseCidr(text.trim());
    return range?.ip.family === family ? [`${formatIp(range.ip)}/${range.prefixBits}`] : [];
  });
}

export function protocolOf(protocol: string | undefined): Protocol {
  return (protocol ?? 'TCP').toLowerCase() as Protocol;
}

/**
 * The fixed part of a node's policy table: what every forwarded packet meets.
 *
 *   reply, or error about an open connection  → accepted
 *   from a pod to itself (through a service)  → accepted
 *   from a pod with egress rules              → map egress4 → the guard of its rules
 *   to a pod with ingress rules               → map ingress4 → the guard of its rules
 *
 * The hook is `forward`, after services were resolved to pods and before sources are masqueraded. Traffic between the
 * node and its pods is not forwarded and so never judged, as upstream asks. A packet in the direction of the
 * connection's first packet is judged even when the connection is open: a change cuts what it no longer allows.
 */

import type { Family } from '../rules/address-range.ts';
import type { Direction } from '../rules/compiled-policy.ts';

export interface PolicyFrame {
  /** Name of the nft table; family inet. */
  readonly name: string;
  readonly bridge: string;
}

/** Verdicts by address of a pod of this node. */
export function isolatedMap(direction: Direction, family: Family): string {
  return `${direction}${family}`;
}

/** Pairs of equal addresses. */
export function selfSet(family: Family): string {
  return `self${family}`;
}

export const frameMaps = ['ingress4', 'egress4', 'self4', 'ingress6', 'egress6', 'self6'];

export function deniedCounter(direction: Direction): string {
  return `denied_${direction}`;
}

/** IPv6 gives every interface an address of its link, by which pods of a node could pass their policies by. */
export function frameBody({ bridge }: PolicyFrame): string {
  return `
  counter denied_ingress {}
  counter denied_egress {}
  map ingress4 { type ipv4_addr : verdict; }
  map egress4 { type ipv4_addr : verdict; }
  set self4 { type ipv4_addr . ipv4_addr; }
  map ingress6 { type ipv6_addr : verdict; }
  map egress6 { type ipv6_addr : verdict; }
  set self6 { type ipv6_addr . ipv6_addr; }
  chain deny_ingress { counter name "denied_ingress" drop; }
  chain deny_egress { counter name "denied_egress" drop; }
  chain forward {
    type filter hook forward priority filter; policy accept;
    ct direction reply accept
    ct state related accept
    ip saddr . ip daddr @self4 accept
    ip saddr vmap @egress4
    ip daddr vmap @ingress4
    iifname "${bridge}" oifname "${bridge}" ip6 daddr fe80::/10 meta l4proto != ipv6-icmp drop
    ip6 saddr . ip6 daddr @self6 accept
    ip6 saddr vmap @egress6
    ip6 daddr vmap @ingress6
  }
`;
}

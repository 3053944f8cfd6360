/** The frame of the service tables, one for each address family: hooks and maps. */

import { rangeOf } from '#base/net/range-list.ts';
import type { Family } from './frontends/frontend.ts';
import { ipWord } from './table/picks.ts';

export interface TableFrame {
  /** Name of the nft tables; families ip and ip6. */
  readonly name: string;
  readonly bridge: string;
  /** Ranges of the cluster, `10.244.0.0/16,fd00:10:244::/56` with two families. */
  readonly podRange: string;
  readonly serviceRange: string;
  /** Of load balancers' addresses. */
  readonly balancerRange?: string;
}

const masqueradeMark = '0x4000';
const loopback = { 4: '127.0.0.0/8', 6: '::1' } as const;

/**
 * Replaces the table by an empty frame: hooks and maps, the guard of the service range. Idempotent, one transaction
 * with what follows it. TCP is rejected with a reset: the kernel rate-limits "unreachable" messages to one peer, and
 * a client would wait.
 * The type of a backend's port is that of a TCP port: nft cannot read `th dport` again in a map's data.
 */
export function frameScript(frame: TableFrame, family: Family): string {
  const { name, bridge } = frame;
  const ip = ipWord(family);
  const guarded = guardedRanges(frame, family);
  const address = family === 4 ? 'ipv4_addr' : 'ipv6_addr';
  const table = `${ip} ${name}`;
  return `
table ${table}
delete table ${table}
table ${table} {
  map services { type ${address} . inet_proto . inet_service : verdict; }
  map nodeports { type inet_proto . inet_service : verdict; }
  map rejected_services { type ${address} . inet_proto . inet_service : verdict; }
  map rejected_nodeports { type inet_proto . inet_service : verdict; }
  map guarded_services { type ${address} . inet_proto . inet_service : verdict; }
  map endpoints {
    typeof ${ip} daddr . meta l4proto . th dport . numgen random mod 2 : ${ip} daddr . tcp dport;
  }
  map port_endpoints { typeof meta l4proto . th dport . numgen random mod 2 : ${ip} daddr . tcp dport; }
  set hairpin { type ${address} . ${address}; }
  chain mark_masquerade { meta mark set meta mark | ${masqueradeMark}; }
  chain refuse {
    meta l4proto tcp reject with tcp reset
    reject
  }
  chain dispatch {
    ${twice(`${ip} daddr . meta l4proto . th dport vmap @services`)}
    fib daddr type local goto dispatch_local
  }
  chain dispatch_local {
    ${twice('meta l4proto . th dport vmap @nodeports')}
  }
  chain raw_prerouting {
    type filter hook prerouting priority raw; policy accept;
    iifname "${bridge}" ${ip} daddr ${loopback[family]} drop
  }
  chain source_ranges { ct state new ${ip} daddr . meta l4proto . th dport vmap @guarded_services; }
  chain before_nat { type filter hook prerouting priority -110; policy accept; jump source_ranges; }
  chain output_before_nat { type filter hook output priority -110; policy accept; jump source_ranges; }
  chain nat_prerouting { type nat hook prerouting priority dstnat; policy accept; jump dispatch; }
  chain nat_output { type nat hook output priority -100; policy accept; jump dispatch; }
  chain nat_postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ${ip} saddr . ${ip} daddr @hairpin masquerade
    meta mark & ${masqueradeMark} == ${masqueradeMark} meta mark set meta mark ^ ${masqueradeMark} masquerade
  }
  chain guard {
    ${ip} daddr . meta l4proto . th dport vmap @rejected_services
    ${guarded.map((range) => `${ip} daddr ${range} goto refuse`).join('\n    ')}
  }
  chain filter_forward { type filter hook forward priority filter; policy accept; jump guard; }
  chain filter_output { type filter hook output priority filter; policy accept; jump guard; }
  chain filter_input {
    type filter hook input priority filter; policy accept;
    fib daddr type local meta l4proto . th dport vmap @rejected_nodeports
  }
}
`;
}

/**
 * A look-up that starts while elements are replaced can miss both: the kernel unlinks the old element before
 * every reader has seen the new version of the table. A second look-up reads the new version.
 */
function twice(rule: string): string {
  return `${rule}\n    ${rule}`;
}

/** Packets to addresses of these that no service has are refused. */
function guardedRanges({ serviceRange, balancerRange = '' }: TableFrame, family: Family): string[] {
  const balancers = balancerRange
    .split(',')
    .filter((range) => range !== '' && range.includes(':') === (family === 6));
  return [rangeOf(serviceRange, family), ...balancers];
}

/**
 * Turns tables into nft scripts: one that creates the whole table, one that applies a difference in one
 * transaction.
 */

import { mapNames, type Table } from './nft-table.ts';

export interface TableFrame {
  /** Name of the nft table; family ip. */
  readonly name: string;
  readonly bridge: string;
  /** Ranges of the cluster. */
  readonly podRange: string;
  readonly serviceRange: string;
}

const masqueradeMark = '0x4000';

/**
 * Replaces the table by an empty frame: hooks and maps, the guard of the service range. Idempotent, one transaction.
 * TCP is rejected with a reset: the kernel rate-limits "unreachable" messages to one peer, and a client would wait.
 */
export function frameScript(frame: TableFrame): string {
  const { name, bridge, serviceRange } = frame;
  return `
table ip ${name}
delete table ip ${name}
table ip ${name} {
  map services { type ipv4_addr . inet_proto . inet_service : verdict; }
  map nodeports { type inet_proto . inet_service : verdict; }
  map rejected_services { type ipv4_addr . inet_proto . inet_service : verdict; }
  map rejected_nodeports { type inet_proto . inet_service : verdict; }
  map guarded_services { type ipv4_addr . inet_proto . inet_service : verdict; }
  chain mark_masquerade { meta mark set meta mark | ${masqueradeMark}; }
  chain refuse {
    meta l4proto tcp reject with tcp reset
    reject
  }
  chain dispatch {
    ip daddr . meta l4proto . th dport vmap @services
    fib daddr type local meta l4proto . th dport vmap @nodeports
  }
  chain raw_prerouting {
    type filter hook prerouting priority raw; policy accept;
    iifname "${bridge}" ip daddr 127.0.0.0/8 drop
  }
  chain source_ranges { ct state new ip daddr . meta l4proto . th dport vmap @guarded_services; }
  chain before_nat { type filter hook prerouting priority -110; policy accept; jump source_ranges; }
  chain output_before_nat { type filter hook output priority -110; policy accept; jump source_ranges; }
  chain nat_prerouting { type nat hook prerouting priority dstnat; policy accept; jump dispatch; }
  chain nat_output { type nat hook output priority -100; policy accept; jump dispatch; }
  chain nat_postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    meta mark & ${masqueradeMark} == ${masqueradeMark} meta mark set meta mark ^ ${masqueradeMark} masquerade
  }
  chain guard {
    ip daddr . meta l4proto . th dport vmap @rejected_services
    ip daddr ${serviceRange} goto refuse
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

/** nft commands that change `before` into `after`; empty when they are equal. */
export function changeScript(name: string, before: Table, after: Table): string {
  const lines: string[] = [];
  for (const [set, definition] of after.sets) {
    if (before.sets.get(set) !== definition) lines.push(`add set ip ${name} ${set} { ${definition} }`);
  }
  for (const [chain, rules] of after.chains) {
    const had = before.chains.get(chain);
    if (had && same(had, rules)) continue;
    lines.push(`add chain ip ${name} ${chain}`);
    if (had) lines.push(`flush chain ip ${name} ${chain}`);
  }
  // All chains are created before any rule refers to one.
  for (const [chain, rules] of after.chains) {
    const had = before.chains.get(chain);
    if (had && same(had, rules)) continue;
    for (const rule of rules) lines.push(`add rule ip ${name} ${chain} ${rule}`);
  }
  for (const map of mapNames) lines.push(...elementLines(name, map, before.maps[map], after.maps[map]));
  const gone = [...before.chains.keys()].filter((chain) => !after.chains.has(chain));
  for (const chain of gone) lines.push(`flush chain ip ${name} ${chain}`);
  for (const chain of gone) lines.push(`delete chain ip ${name} ${chain}`);
  for (const set of before.sets.keys()) if (!after.sets.has(set)) lines.push(`delete set ip ${name} ${set}`);
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function elementLines(
  table: string,
  map: string,
  before: Map<string, string>,
  after: Map<string, string>,
): string[] {
  const changed = [...after].filter(([element, verdict]) => before.get(element) !== verdict);
  const removed = [...before].filter(([element, verdict]) => after.get(element) !== verdict);
  const lines: string[] = [];
  if (removed.length > 0) {
    lines.push(
      `delete element ip ${table} ${map} { ${removed.map(([element, verdict]) => `${element} : ${verdict}`).join(', ')} }`,
    );
  }
  if (changed.length > 0) {
    lines.push(
      `add element ip ${table} ${map} { ${changed.map(([element, verdict]) => `${element} : ${verdict}`).join(', ')} }`,
    );
  }
  return lines;
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((rule, index) => rule === b[index]);
}

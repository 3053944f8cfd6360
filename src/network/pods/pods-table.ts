/**
 * The nft table of a node's pod network: pods that send beyond the cluster are masqueraded, and no packet of a pod's
 * address leaves the cluster, or comes to a device that does not lead to its node.
 */

export interface PodsTable {
  readonly name: string;
  readonly bridge: string;
  /** Bridge of the cluster's nodes on this machine, which need not be there; packets on it are in the cluster. */
  readonly link?: string;
  /** Ranges of the cluster. */
  readonly podRange: string;
  readonly serviceRange: string;
  /** Those of IPv6, where the cluster has any. */
  readonly ipv6?: { readonly podRange: string; readonly serviceRange: string };
  /** Pod ranges of other nodes that have a route. */
  readonly peerPods: readonly string[];
  /** Addresses of nodes that pods reach under their own address. */
  readonly nearNodes: readonly string[];
}

/**
 * Replaces the table, in one transaction. The guard against leaks runs last in postrouting: earlier, a packet of this
 * machine that was rewritten in the output hook still shows its old device. Answers pass: a node masquerades what it
 * sends to another node's pod behind its address on the link, which is not the address of its Node.
 */
export function podsTableScript(table: PodsTable): string {
  const { name, bridge, link, podRange, serviceRange, peerPods, nearNodes } = table;
  const own = `{ ${[bridge, ...(link ? [link] : []), 'lo'].map((device) => `"${device}"`).join(', ')} }`;
  return `
table ip ${name}
delete table ip ${name}
table ip ${name} {
  set peer_pods { type ipv4_addr; flags interval; ${elements(peerPods)} }
  set near_nodes { type ipv4_addr; ${elements(nearNodes)} }
  chain nat_postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr ${podRange} ip daddr != { ${podRange}, ${serviceRange} } ip daddr != @near_nodes oifname != ${own} masquerade
  }
  chain leaks {
    type filter hook postrouting priority 200; policy accept;
    oifname ${own} accept
    ip daddr @peer_pods accept
    ip daddr @near_nodes accept
    ip daddr ${podRange} drop
    ct direction reply accept
    ip saddr ${podRange} drop
  }
}
${table.ipv6 ? ipv6Script(name, bridge, table.ipv6) : ''}`;
}

/** Nodes have no IPv6 routes to one another's pods. */
function ipv6Script(
  name: string,
  bridge: string,
  { podRange, serviceRange }: Required<PodsTable>['ipv6'],
): string {
  return `
table ip6 ${name}
delete table ip6 ${name}
table ip6 ${name} {
  chain nat_postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip6 saddr ${podRange} ip6 daddr != { ${podRange}, ${serviceRange} } oifname != "${bridge}" masquerade
  }
  chain leaks {
    type filter hook postrouting priority 200; policy accept;
    oifname { "${bridge}", "lo" } accept
    ip6 daddr ${podRange} drop
    ip6 saddr ${podRange} drop
  }
}
`;
}

function elements(values: readonly string[]): string {
  return values.length === 0 ? '' : `elements = { ${[...values].sort().join(', ')} };`;
}

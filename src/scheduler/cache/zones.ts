/** The order in which nodes are examined: zones alternate, so that a sample is spread over them. */

import type { Labels } from '#api/selectors/selector.ts';
import type { NodeInfo } from './node-info.ts';

export function zoneOf(labels: Labels | undefined): string {
  const region = labels?.['topology.kubernetes.io/region'] ?? '';
  return `${region}:\0:${labels?.['topology.kubernetes.io/zone'] ?? ''}`;
}

export function interleaveZones(nodes: Iterable<NodeInfo>): NodeInfo[] {
  const zones = new Map<string, NodeInfo[]>();
  for (const node of nodes) {
    if (!node.node) continue;
    const zone = zoneOf(node.labels);
    const members = zones.get(zone);
    if (members) members.push(node);
    else zones.set(zone, [node]);
  }
  const ordered: NodeInfo[] = [];
  const columns = [...zones.values()];
  const longest = columns.reduce((most, members) => Math.max(most, members.length), 0);
  for (let row = 0; row < longest; row++) {
    for (const members of columns) if (row < members.length) ordered.push(members[row]!);
  }
  return ordered;
}

/** Which name, number and address a new node of a cluster on this machine gets. */

import { hostname } from 'node:os';
import type { ClusterConfig } from '#host/home/cluster-home.ts';
import { nodesMax } from '#host/home/namespace-nodes.ts';
import type { NamespaceNode } from '#host/home/node-record.ts';
import { freeAddressOn } from '#host/network/links/node-link.ts';
import { Problem } from '../../shared/problem.ts';

export type NodeRequest = Pick<NamespaceNode, 'labels' | 'taints'> & { readonly name?: string };

/** RFC 1123, as the names of Nodes; a folder has it as well. */
const namePattern = /^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/;

/** Throws a `Problem` for a name that is taken or none, and when there is no room. */
export function newNode(
  { nodes = [], link }: Pick<ClusterConfig, 'nodes' | 'link'>,
  request: NodeRequest,
  firstNode = hostname().toLowerCase(),
): NamespaceNode {
  const number = freeNumber(nodes);
  const { name = freeName(nodes, number, firstNode), ...given } = request;
  if (!namePattern.test(name)) {
    throw new Problem(
      `"${name}" is no name of a node`,
      "lower-case letters, digits, '-' and '.' between them",
    );
  }
  if (name === firstNode || nodes.some((node) => node.name === name)) {
    throw new Problem(`there is a node ${name}`, 'kybern node list shows those there are');
  }
  if (!link) throw new Error('the cluster has no link');
  const address = freeAddressOn(
    link.range,
    nodes.map((node) => node.address),
  );
  return { name, number, address, ...given };
}

function freeNumber(nodes: readonly NamespaceNode[]): number {
  for (let number = 2; number <= nodesMax; number++) {
    if (!nodes.some((node) => node.number === number)) return number;
  }
  throw new Problem(
    `a cluster has at most ${nodesMax} real nodes on one machine`,
    'other machines join by kybern join',
  );
}

function freeName(nodes: readonly NamespaceNode[], from: number, firstNode: string): string {
  for (let number = from; ; number++) {
    const name = `node-${number}`;
    if (name !== firstNode && !nodes.some((node) => node.name === name)) return name;
  }
}

/** Where this machine keeps a node by which it has joined a cluster of another machine. */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type AgentPaths, agentPaths } from '#host/home/agent-home.ts';
import { deviceNames, kybernHome, shortName } from '#host/home/cluster-home.ts';
import { Problem } from '../../shared/problem.ts';

const folder = () => join(kybernHome(), 'nodes');
/** Distinct from every name of a cluster. */
const keyOf = (node: string) => `nodes/${node}`;

export function joinedPaths(node: string): AgentPaths {
  return agentPaths(join(folder(), node), join('/run/kybern', shortName(keyOf(node))));
}

export function joinedDevices(node: string): { readonly bridge: string; readonly table: string } {
  return deviceNames(keyOf(node));
}

export function joinedNodes(): string[] {
  return existsSync(folder()) ? readdirSync(folder()).sort() : [];
}

/** The node that is named, or the only one. Throws a `Problem` for any other number. */
export function chosenNode(named: string | undefined): string {
  const nodes = joinedNodes();
  const [first] = nodes;
  if (named !== undefined && nodes.includes(named)) return named;
  if (named === undefined && first !== undefined && nodes.length === 1) return first;
  const which = nodes.length === 0 ? 'kybern join makes one' : `choose one: --node-name ${nodes.join(' | ')}`;
  throw new Problem(
    named === undefined && nodes.length > 1
      ? `this machine has joined as ${nodes.length} nodes`
      : `this machine has not joined a cluster${named === undefined ? '' : ` as ${named}`}`,
    which,
  );
}

/** May a volume be used on a node, and on which nodes alone? */

import type { NodeSelector, PersistentVolume } from '../generated/types.gen.ts';
import { compileNodeSelector, type NodeMatcher } from '../nodes/node-selector.ts';
import type { Labels } from '../selectors/selector.ts';

/** By selector: objects of informers are never changed in place. */
const compiled = new WeakMap<NodeSelector, NodeMatcher>();

/** By labels only: a term by the node's name matches no node, as upstream. */
export function reachesNode({ spec }: PersistentVolume, nodeLabels: Labels): boolean {
  const required = spec?.nodeAffinity?.required;
  if (!required) return true;
  let matches = compiled.get(required);
  if (!matches) {
    matches = compileNodeSelector(required);
    compiled.set(required, matches);
  }
  return matches(nodeLabels, '');
}

const hostname = 'kubernetes.io/hostname';

/**
 * The only hostnames of nodes that the volume can be used on, as local volumes have; undefined when its affinity
 * does not say so by hostname.
 */
export function hostsOf({ spec }: PersistentVolume): readonly string[] | undefined {
  const terms = spec?.nodeAffinity?.required?.nodeSelectorTerms ?? [];
  const hosts = terms.map(({ matchExpressions = [] }) => {
    const named = matchExpressions.find(({ key, operator }) => key === hostname && operator === 'In');
    return named?.values;
  });
  return hosts.length > 0 && hosts.every((values) => values !== undefined) ? hosts.flat() : undefined;
}

export function hostOf(nodeLabels: Labels): string {
  return nodeLabels[hostname] ?? '';
}

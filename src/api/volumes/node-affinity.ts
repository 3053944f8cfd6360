/** May a volume be used on a node? */

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

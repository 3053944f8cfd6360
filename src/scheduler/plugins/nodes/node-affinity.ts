/**
 * NodeAffinity: honours spec.nodeSelector and required node affinity, and prefers nodes by preferred terms.
 * Reads node labels and name. As upstream, terms that only name nodes narrow the search to these nodes at
 * once.
 */

import type { NodeSelectorTerm } from '#api/generated/types.gen.ts';
import { compileNodeTerm, type NodeMatcher } from '#api/nodes/node-selector.ts';
import { requiredNode } from '#api/nodes/required-node.ts';
import type { NodeInfo } from '../../cache/node-info.ts';
import type { PodInfo } from '../../cache/pod-info.ts';
import { definePlugin, Rejection } from '../../framework.ts';
import { normalizeToMax } from '../normalize.ts';

const name = 'NodeAffinity';
const mismatch = new Rejection(name, ["node(s) didn't match Pod's node affinity/selector"], true);
const conflict = new Rejection(name, ['pod affinity terms conflict'], true);

export const nodeAffinity = definePlugin({
  name,
  weight: 2,
  hints: [
    {
      kinds: ['Node/Add', 'Node/Labels'],
      helps(pod, { node, oldNode }) {
        const matches = requiredOf(pod);
        if (!node || matches?.(node.labels, node.name) === false) return false;
        return !oldNode || matches?.(oldNode.metadata?.labels ?? {}, node.name) === false;
      },
    },
  ],
  preFilter(pod) {
    const matches = requiredOf(pod);
    if (!matches) return undefined;
    const filter = (node: NodeInfo) => (matches(node.labels, node.name) ? undefined : mismatch);
    const nodeNames = namedNodes(pod);
    if (!nodeNames) return { filter };
    return nodeNames.size === 0 ? conflict : { filter, nodeNames };
  },
  preScore(pod) {
    const preferred =
      pod.pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    if (preferred.length === 0) return undefined;
    const terms = preferred
      .filter((term) => term.weight !== 0)
      .map((term) => ({ weight: term.weight, matches: compileNodeTerm(term.preference) }));
    return {
      score(node) {
        let sum = 0;
        for (const term of terms) if (term.matches(node.labels, node.name)) sum += term.weight;
        return sum;
      },
      normalize: (scores) => normalizeToMax(scores),
    };
  },
});

function requiredOf({ pod }: PodInfo): NodeMatcher | undefined {
  return requiredNode(pod.spec ?? {});
}

/** The nodes named by the terms when every term names some; undefined when one does not. */
function namedNodes(pod: PodInfo): Set<string> | undefined {
  const required = pod.pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const terms = required?.nodeSelectorTerms ?? [];
  if (terms.length === 0) return undefined;
  const all = new Set<string>();
  for (const term of terms) {
    const names = namesOfTerm(term);
    if (!names) return undefined;
    for (const each of names) all.add(each);
  }
  return all;
}

function namesOfTerm(term: NodeSelectorTerm): Set<string> | undefined {
  let names: Set<string> | undefined;
  for (const field of term.matchFields ?? []) {
    if (field.key !== 'metadata.name' || field.operator !== 'In') continue;
    const listed = new Set(field.values ?? []);
    names = names ? names.intersection(listed) : listed;
  }
  return names;
}

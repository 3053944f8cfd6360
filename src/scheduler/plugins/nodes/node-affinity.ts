/**
 * NodeAffinity: honours spec.nodeSelector and required node affinity, and prefers nodes by preferred terms;
 * `addedAffinity` of the plugin's arguments holds for every pod beside its own. Reads node labels and name. As
 * upstream, terms that only name nodes narrow the search to these nodes at once.
 */

import type { NodeAffinityArguments } from '#api/configuration/scheduler/node-affinity-arguments.ts';
import type { NodeSelectorTerm, PreferredSchedulingTerm } from '#api/generated/types.gen.ts';
import { compileNodeSelector, compileNodeTerm, type NodeMatcher } from '#api/nodes/node-selector.ts';
import { requiredNode } from '#api/nodes/required-node.ts';
import type { NodeInfo } from '../../cache/node-info.ts';
import type { PodInfo } from '../../cache/pod-info.ts';
import { definePlugin, Rejection, type SchedulerPlugin } from '../../framework.ts';
import { normalizeToMax } from '../normalize.ts';

const name = 'NodeAffinity';
const mismatch = new Rejection(name, ["node(s) didn't match Pod's node affinity/selector"], true);
const conflict = new Rejection(name, ['pod affinity terms conflict'], true);
const enforced = new Rejection(name, ["node(s) didn't match scheduler-enforced node affinity"], true);

export function nodeAffinity({ addedAffinity = {} }: NodeAffinityArguments): SchedulerPlugin {
  const { requiredDuringSchedulingIgnoredDuringExecution: required } = addedAffinity;
  const { preferredDuringSchedulingIgnoredDuringExecution: addedPreferred = [] } = addedAffinity;
  const isAdmitted = required && compileNodeSelector(required);
  const addedTerms = compileTerms(addedPreferred);
  return definePlugin({
    name,
    weight: 2,
    hints: [
      {
        kinds: ['Node/Add', 'Node/Labels'],
        helps(pod, { node, oldNode }) {
          if (!node || isAdmitted?.(node.labels, node.name) === false) return false;
          const matches = requiredOf(pod);
          if (matches?.(node.labels, node.name) === false) return false;
          if (!oldNode) return true;
          const oldLabels = oldNode.metadata.labels ?? {};
          const meets = (judge: NodeMatcher | undefined) => judge?.(oldLabels, node.name) !== false;
          return !(meets(matches) && meets(isAdmitted));
        },
      },
    ],
    preFilter(pod) {
      const matches = requiredOf(pod);
      if (!matches && !isAdmitted) return undefined;
      const filter = ({ labels, name }: NodeInfo) => {
        if (isAdmitted?.(labels, name) === false) return enforced;
        return matches?.(labels, name) === false ? mismatch : undefined;
      };
      const nodeNames = namedNodes(pod);
      if (!nodeNames) return { filter };
      return nodeNames.size === 0 ? conflict : { filter, nodeNames };
    },
    preScore(pod) {
      const preferred =
        pod.pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
      if (preferred.length === 0 && addedPreferred.length === 0) return undefined;
      const terms = [...addedTerms, ...compileTerms(preferred)];
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
}

function compileTerms(terms: readonly PreferredSchedulingTerm[]) {
  return terms
    .filter((term) => term.weight !== 0)
    .map((term) => ({ weight: term.weight, matches: compileNodeTerm(term.preference) }));
}

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

/**
 * The NUMA nodes that all resources of a container, or of a pod, are to be taken of. Follows upstream's `HintMerger`: each
 * combination of one hint for each resource has the nodes that its hints have in common; the best combination wins.
 */

import type { TopologyPolicy } from '#api/configuration/kubelet/topology.ts';
import type { Hint, ResourceHints } from './hint.ts';
import { countOf, isNarrower, type NumaMask } from './numa-mask.ts';
import type { NumaNodes } from './numa-nodes.ts';

export interface MergeRules {
  readonly policy: Exclude<TopologyPolicy, 'none'>;
  readonly prefersClosest: boolean;
  readonly nodes: NumaNodes;
}

export interface Merged {
  readonly hint: Hint;
  /** Whether the policy lets the pod run. */
  readonly isAdmitted: boolean;
}

interface Combination {
  readonly nodes: NumaMask;
  readonly isPreferred: boolean;
}

export function mergeHints(rules: MergeRules, providers: readonly ResourceHints[]): Merged {
  const { policy, nodes } = rules;
  const all = providers.flatMap(hintsOf);
  const hints = policy === 'single-numa-node' ? all.map(ofOneNode) : all;
  const best = bestOf(rules, hints);
  const isAnywhere = policy === 'single-numa-node' && best.nodes === nodes.all;
  return {
    hint: isAnywhere ? { nodes: undefined, isPreferred: best.isPreferred } : best,
    isAdmitted: policy === 'best-effort' || best.isPreferred,
  };
}

/** One list for each resource. */
function hintsOf(resources: ResourceHints): (readonly Hint[])[] {
  if (resources.size === 0) return [[{ nodes: undefined, isPreferred: true }]];
  return Array.from(resources.values(), (hints) => {
    if (hints === undefined) return [{ nodes: undefined, isPreferred: true }];
    return hints.length > 0 ? hints : [{ nodes: undefined, isPreferred: false }];
  });
}

function ofOneNode(hints: readonly Hint[]): readonly Hint[] {
  return hints.filter(
    ({ nodes, isPreferred }) => isPreferred && (nodes === undefined || countOf(nodes) === 1),
  );
}

function bestOf(rules: MergeRules, hints: readonly (readonly Hint[])[]): Combination {
  const nodesWanted = Math.max(0, ...hints.map(leastNodes));
  let best: Combination | undefined;
  for (const combination of combinations(hints)) {
    const candidate = merged(rules.nodes.all, combination);
    if (candidate.nodes === 0n) continue;
    best = best ? better(rules, nodesWanted, best, candidate) : candidate;
  }
  return best ?? { nodes: rules.nodes.all, isPreferred: false };
}

/** Of the hint with the fewest nodes; 0 where every hint is for any node. */
function leastNodes(hints: readonly Hint[]): number {
  const counts = hints.flatMap(({ nodes }) => (nodes === undefined ? [] : [countOf(nodes)]));
  return counts.length > 0 ? Math.min(...counts) : 0;
}

function* combinations(hints: readonly (readonly Hint[])[]): Iterable<readonly Hint[]> {
  const [first, ...rest] = hints;
  if (!first) {
    yield [];
    return;
  }
  for (const hint of first) for (const others of combinations(rest)) yield [hint, ...others];
}

/** It is preferred when all of its hints are, and all are for the same nodes. */
function merged(all: NumaMask, hints: readonly Hint[]): Combination {
  const masks = hints.flatMap(({ nodes }) => (nodes === undefined ? [] : [nodes]));
  return {
    nodes: masks.reduce((common, mask) => common & mask, all),
    isPreferred: hints.every(({ isPreferred }) => isPreferred) && masks.every((mask) => mask === masks[0]),
  };
}

/**
 * 1. the preferred one
 * 2. of two preferred ones the fitter
 * 3. of two that are not, the one whose number of nodes is closest to what the resource with the largest need has to have,
 *    best not above it
 */
function better(rules: MergeRules, nodesWanted: number, best: Combination, other: Combination): Combination {
  if (best.isPreferred !== other.isPreferred) return best.isPreferred ? best : other;
  if (best.isPreferred) return fitter(rules, best, other);
  const [count, otherCount] = [countOf(best.nodes), countOf(other.nodes)];
  if (count > nodesWanted) return fitter(rules, best, other);
  if (count === otherCount) return fitter(rules, best, other);
  if (count === nodesWanted || otherCount > nodesWanted) return best;
  return otherCount > count ? other : best;
}

function fitter({ policy, prefersClosest, nodes }: MergeRules, best: Combination, other: Combination) {
  if (best.nodes === other.nodes) return best;
  const byDistance = prefersClosest && policy !== 'single-numa-node';
  const narrower = isNarrower(best.nodes, other.nodes) ? best.nodes : other.nodes;
  return (byDistance ? nodes.closer(best.nodes, other.nodes) : narrower) === best.nodes ? best : other;
}

/**
 * DefaultPreemption: when no node has room, finds the node where removing pods of lower priority makes room,
 * at least cost.
 *
 * 1. Nodes whose rejection other pods' removal could resolve are tried, from a random start, until a tenth (≥
 *    100), or as the arguments say, are candidates, at least one candidate without violating a disruption budget.
 * 2. A trial removes all pods of lower priority from the node; if the pod fits, they are put back one by one,
 *    the highest priority first, as long as it still fits. The pods that cannot be put back are the victims.
 * 3. The best candidate: fewest violated disruption budgets, lowest highest victim priority, smallest sum of
 *    priorities, fewest victims, the youngest of the victims with the highest priority.
 *
 * Reads pods and PodDisruptionBudgets. The caller deletes the victims.
 */

import type { PluginArguments } from '#api/configuration/scheduler/plugin-arguments.ts';
import { podCondition } from '#api/pods/state.ts';
import type { ClusterView } from '../cache/cluster-view.ts';
import type { NodeInfo } from '../cache/node-info.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import { cheapest, moreImportant } from '../cycle/candidates.ts';
import { countedReasons } from '../cycle/fit-failure.ts';
import { placeFor, takeAway } from '../cycle/trial.ts';
import { definePlugin, type FailedCycle, type PreemptionCandidate, Rejection } from '../framework.ts';

const name = 'DefaultPreemption';
const notHelpful = new Rejection(name, ['Preemption is not helpful for scheduling'], true);
const noVictims = new Rejection(name, ['No preemption victims found for incoming pod']);

type Arguments = PluginArguments['defaultPreemption'];

export const preemptionName = name;

export const defaultPreemption = (args: Arguments) =>
  definePlugin({
    name,
    hints: [{ kinds: ['Pod/AssignedDelete'] }],
    postFilter(pod, view, cycle) {
      const refusal = notEligible(pod, view, cycle);
      if (refusal) return { message: `preemption: ${refusal}` };
      const rejections = new Map<NodeInfo, Rejection>();
      const candidates = findCandidates(pod, view, cycle, rejections, args);
      const best = cheapest(candidates);
      if (best) return { nominatedNode: best.node.name, victims: best.victims, message: '', candidates };
      const total = view.nodes.length;
      const counted = countedReasons(rejections.values(), notHelpful, total - rejections.size);
      return { nominatedNode: '', message: `preemption: 0/${total} nodes are available:${counted}` };
    },
  });

/** Why this pod may not preempt now. */
function notEligible(pod: PodInfo, view: ClusterView, cycle: FailedCycle): string | undefined {
  if (pod.pod.spec?.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.';
  const nominated = view.node(view.nominations.nodeOf(pod.key) ?? '');
  // The pod can never fit the nominated node: room has to be made elsewhere.
  if (nominated && cycle.rejections.get(nominated)?.unresolvable) return undefined;
  for (const other of nominated?.pods.values() ?? []) {
    const isTerminating = view.nominations.isVictim(other.uid) || (other.terminating && wasPreempted(other));
    if (isTerminating && other.priority < pod.priority) {
      return 'not eligible due to a terminating pod on the nominated node.';
    }
  }
  return undefined;
}

function wasPreempted(pod: PodInfo): boolean {
  const condition = podCondition(pod.pod, 'DisruptionTarget');
  return condition?.status === 'True' && condition.reason === 'PreemptionByScheduler';
}

function findCandidates(
  pod: PodInfo,
  view: ClusterView,
  cycle: FailedCycle,
  rejections: Map<NodeInfo, Rejection>,
  { minCandidateNodesAbsolute: least, minCandidateNodesPercentage: percent }: Arguments,
): PreemptionCandidate[] {
  const hopeful = view.nodes.filter((node) => cycle.rejections.get(node)?.unresolvable === false);
  const wanted = Math.max(least, Math.trunc((hopeful.length * percent) / 100));
  const candidates: PreemptionCandidate[] = [];
  const start = hopeful.length === 0 ? 0 : Math.trunc(cycle.random.float() * hopeful.length);
  let isAnyHarmless = false;
  for (let i = 0; i < hopeful.length && !(candidates.length >= wanted && isAnyHarmless); i++) {
    const node = hopeful[(start + i) % hopeful.length]!;
    const found = tryNode(pod, node, view, cycle);
    if (found instanceof Rejection) rejections.set(node, found);
    else {
      candidates.push(found);
      isAnyHarmless ||= found.brokenBudgets === 0;
    }
  }
  return candidates;
}

/** Leaves the node unchanged. */
function tryNode(
  pod: PodInfo,
  node: NodeInfo,
  view: ClusterView,
  cycle: FailedCycle,
): PreemptionCandidate | Rejection {
  const lower = [...node.pods.values()].filter((other) => other.priority < pod.priority);
  if (lower.length === 0) return noVictims;
  for (const other of lower) takeAway(cycle.filterings, other, node);
  const out = new Set(lower);
  const restore = (other: PodInfo) => {
    placeFor(cycle.filterings, other, node);
    out.delete(other);
  };
  try {
    const stillNo = cycle.fits(node);
    if (stillNo) return stillNo;
    return { node, ...reprieve(lower, view, cycle, node, out, restore) };
  } finally {
    for (const other of [...out]) restore(other);
  }
}

function reprieve(
  lower: PodInfo[],
  view: ClusterView,
  cycle: FailedCycle,
  node: NodeInfo,
  out: Set<PodInfo>,
  restore: (pod: PodInfo) => void,
): { victims: PodInfo[]; brokenBudgets: number } {
  lower.sort(moreImportant);
  const protectedPods = view.budgetsViolatedBy(lower);
  const victims: PodInfo[] = [];
  let brokenBudgets = 0;
  for (const guarded of [true, false]) {
    for (const other of lower) {
      if (protectedPods.has(other) !== guarded) continue;
      restore(other);
      if (!cycle.fits(node)) continue;
      takeAway(cycle.filterings, other, node);
      out.add(other);
      victims.push(other);
      if (guarded) brokenBudgets++;
    }
  }
  return { victims: victims.sort(moreImportant), brokenBudgets };
}

/** The requests that extenders are sent, with the fields of upstream's `kube-scheduler/extender/v1`. */

import type { Node } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import type { NodeInfo } from '../cache/node-info.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import type { PreemptionCandidate } from '../framework.ts';

/** A node is sent for every pod: its text is made once. */
const nodeTexts = new WeakMap<Stored<Node>, string>();

/** `sendsNames`: the extender knows the nodes itself. */
export function nodesBody({ pod }: PodInfo, nodes: readonly NodeInfo[], sendsNames: boolean): string {
  const podText = JSON.stringify(pod);
  if (sendsNames) {
    return `{"Pod":${podText},"Nodes":null,"NodeNames":${JSON.stringify(nodes.map(({ name }) => name))}}`;
  }
  const items = nodes.flatMap(({ node }) => (node ? [textOf(node)] : []));
  return `{"Pod":${podText},"Nodes":{"metadata":{},"items":[${items.join()}]},"NodeNames":null}`;
}

export function victimsBody(
  { pod }: PodInfo,
  candidates: readonly PreemptionCandidate[],
  sendsUids: boolean,
): string {
  const byNode = Object.fromEntries(
    candidates.map(({ node, victims, brokenBudgets }) => {
      const pods = victims.map((victim) => (sendsUids ? { UID: victim.uid } : victim.pod));
      return [node.name, { Pods: pods, NumPDBViolations: brokenBudgets }];
    }),
  );
  return JSON.stringify({
    Pod: pod,
    NodeNameToVictims: sendsUids ? null : byNode,
    NodeNameToMetaVictims: sendsUids ? byNode : null,
  });
}

export function bindingBody(pod: PodInfo, node: string): string {
  const { name } = pod.pod.metadata;
  return JSON.stringify({ PodName: name, PodNamespace: pod.namespace, PodUID: pod.uid, Node: node });
}

function textOf(node: Stored<Node>): string {
  let text = nodeTexts.get(node);
  if (text === undefined) {
    text = JSON.stringify(node);
    nodeTexts.set(node, text);
  }
  return text;
}

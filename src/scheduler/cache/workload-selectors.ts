/**
 * The selector of a pod's workload: of the controller that owns it, and of the services that select it. Follows
 * upstream's `helper.DefaultSelector`.
 */

import { replicaSets, replicationControllers, services, statefulSets } from '#api/generated/kinds.gen.ts';
import type { LabelSelector } from '#api/generated/types.gen.ts';
import { controllerOf } from '#api/meta/controller-of.ts';
import type { Labels } from '#api/selectors/selector.ts';
import type { Informers } from '#client/informers/informer.ts';
import type { PodInfo } from './pod-info.ts';

/** Undefined for a pod that nothing selects. */
export function workloadSelectors(informers: Informers): (pod: PodInfo) => LabelSelector | undefined {
  const ownerSelector = ownerSelectors(informers);
  const serviceInformer = informers.for(services);
  return (pod) => {
    const owner = ownerSelector(pod);
    const matchLabels: Record<string, string> = { ...owner?.matchLabels };
    for (const { spec } of serviceInformer.list(pod.namespace)) {
      if (spec?.selector && holds(spec.selector, pod.labels)) Object.assign(matchLabels, spec.selector);
    }
    const matchExpressions = owner?.matchExpressions ?? [];
    if (Object.keys(matchLabels).length === 0 && matchExpressions.length === 0) return undefined;
    return { matchLabels, matchExpressions };
  };
}

function ownerSelectors(informers: Informers): (pod: PodInfo) => LabelSelector | undefined {
  const controllers = informers.for(replicationControllers);
  const owners = {
    ReplicaSet: informers.for(replicaSets),
    StatefulSet: informers.for(statefulSets),
  };
  return (pod) => {
    const owner = controllerOf(pod.pod);
    if (!owner) return undefined;
    if (owner.kind === 'ReplicationController') {
      const matchLabels = controllers.get(pod.namespace, owner.name)?.spec?.selector;
      return matchLabels && { matchLabels };
    }
    if (owner.kind !== 'ReplicaSet' && owner.kind !== 'StatefulSet') return undefined;
    return owners[owner.kind].get(pod.namespace, owner.name)?.spec?.selector;
  };
}

function holds(selector: Labels, labels: Labels): boolean {
  const entries = Object.entries(selector);
  return entries.length > 0 && entries.every(([key, value]) => labels[key] === value);
}

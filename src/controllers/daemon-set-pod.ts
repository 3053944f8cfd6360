/** The pod of a DaemonSet: bound to its node by affinity, and not driven away by what is wrong with the node. */

import { daemonSets } from '#api/kinds.gen.ts';
import type { Stored } from '#api/object.ts';
import type { DaemonSet, NodeSelectorTerm, Pod, PodSpec, Toleration } from '#api/types.gen.ts';
import { podFromTemplate } from './pod-from-template.ts';

export const revisionHashLabel = 'controller-revision-hash';
const nameField = 'metadata.name';

export function podOfDaemonSet(set: Stored<DaemonSet>, node: string, hash: string): Pod {
  const pod = podFromTemplate(daemonSets, set, set.spec!.template);
  const spec = pod.spec!;
  const matchFields = [{ key: nameField, operator: 'In', values: [node] }];
  const nodeAffinity = spec.affinity?.nodeAffinity;
  const required = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const terms: NodeSelectorTerm[] = required?.nodeSelectorTerms ?? [{}];
  return {
    ...pod,
    metadata: { ...pod.metadata, labels: { ...pod.metadata?.labels, [revisionHashLabel]: hash } },
    spec: {
      ...spec,
      tolerations: tolerationsOf(spec),
      affinity: {
        ...spec.affinity,
        nodeAffinity: {
          ...nodeAffinity,
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: terms.map((term) => ({ ...term, matchFields })),
          },
        },
      },
    },
  };
}

/** The node a pod was made for, whether the scheduler has placed it yet or not. */
export function nodeOfPod(pod: Pod): string | undefined {
  if (pod.spec?.nodeName) return pod.spec.nodeName;
  const required = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  for (const { matchFields = [] } of required?.nodeSelectorTerms ?? []) {
    const found = matchFields.find(({ key, operator }) => key === nameField && operator === 'In');
    if (found?.values?.length === 1) return found.values[0];
  }
  return undefined;
}

export function tolerationsOf(spec: PodSpec): Toleration[] {
  const tolerated = [
    ['not-ready', 'NoExecute'],
    ['unreachable', 'NoExecute'],
    ['disk-pressure', 'NoSchedule'],
    ['memory-pressure', 'NoSchedule'],
    ['pid-pressure', 'NoSchedule'],
    ['unschedulable', 'NoSchedule'],
    ...(spec.hostNetwork ? [['network-unavailable', 'NoSchedule']] : []),
  ];
  const own = spec.tolerations ?? [];
  const added = tolerated.map(([name, effect]) => ({
    key: `node.kubernetes.io/${name}`,
    operator: 'Exists',
    effect: effect!,
  }));
  const isNew = (one: Toleration) => !own.some(({ key, effect }) => key === one.key && effect === one.effect);
  return [...own, ...added.filter(isNew)];
}

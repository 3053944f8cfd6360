/** The pod of a DaemonSet: bound to its node by affinity, and tolerating the conditions of the node. */

import { daemonSets } from '#api/generated/kinds.gen.ts';
import type { DaemonSet, Pod, PodSpec, Toleration } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { podFromTemplate } from '../../shared/pod-from-template.ts';

export const revisionHashLabel = 'controller-revision-hash';
const nameField = 'metadata.name';
const generationAnnotation = 'deprecated.daemonset.template.generation';

/** The template generation counted by the API server, the only mark on older pods. */
export function templateGeneration(set: DaemonSet): string | undefined {
  return set.metadata?.annotations?.[generationAnnotation];
}

export function podOfDaemonSet(set: Stored<DaemonSet>, node: string, hash: string): Pod {
  const pod = podFromTemplate(daemonSets, set, set.spec!.template);
  const spec = pod.spec!;
  const generation = templateGeneration(set);
  const labels = {
    ...pod.metadata?.labels,
    ...(generation ? { 'pod-template-generation': generation } : {}),
    [revisionHashLabel]: hash,
  };
  return {
    ...pod,
    metadata: { ...pod.metadata, labels },
    spec: {
      ...spec,
      tolerations: tolerationsOf(spec),
      affinity: {
        ...spec.affinity,
        nodeAffinity: {
          ...spec.affinity?.nodeAffinity,
          // Instead of the template's own terms, which have selected the node already.
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchFields: [{ key: nameField, operator: 'In', values: [node] }] }],
          },
        },
      },
    },
  };
}

/** The node for which a pod was created, whether it is scheduled yet or not. */
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
  const isSame = (a: Toleration, b: Toleration) =>
    a.key === b.key && a.effect === b.effect && a.operator === b.operator && !a.value;
  // The template may tolerate the same taint for a limited time only; a daemon pod stays.
  const lasting = own.map((toleration) => added.find((other) => isSame(toleration, other)) ?? toleration);
  return [...lasting, ...added.filter((toleration) => !own.some((other) => isSame(other, toleration)))];
}

/** The ConfigMaps and Secrets a pod's containers, volumes and image pulls refer to. */

import { configMaps, secrets } from '#api/generated/kinds.gen.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { allContainers, type NodePod } from '../pod/pod.ts';
import type { ObjectRef } from './object-source.ts';

export function podReferences(pod: NodePod): ObjectRef[] {
  const found = new Map<string, ObjectRef>();
  const namespace = pod.metadata.namespace ?? '';
  const add = (type: ResourceType, name: string | undefined) => {
    if (name) found.set(`${type.resource}/${name}`, { type, namespace, name });
  };
  for (const container of allContainers(pod)) {
    for (const source of container.envFrom ?? []) {
      add(configMaps, source.configMapRef?.name);
      add(secrets, source.secretRef?.name);
    }
    for (const variable of container.env ?? []) {
      add(configMaps, variable.valueFrom?.configMapKeyRef?.name);
      add(secrets, variable.valueFrom?.secretKeyRef?.name);
    }
  }
  for (const secret of pod.spec.imagePullSecrets ?? []) add(secrets, secret.name);
  for (const volume of pod.spec.volumes ?? []) {
    add(configMaps, volume.configMap?.name);
    add(secrets, volume.secret?.secretName);
    for (const source of volume.projected?.sources ?? []) {
      add(configMaps, source.configMap?.name);
      add(secrets, source.secret?.name);
    }
  }
  return [...found.values()];
}

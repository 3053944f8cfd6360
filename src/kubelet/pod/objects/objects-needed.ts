/** The ConfigMaps and Secrets that a node needs to run a pod. */

import { configMaps, secrets } from '#api/generated/kinds.gen.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { podReferences } from '#api/pods/references.ts';
import type { NodePod } from '../pod.ts';
import type { ObjectRef } from './object-source.ts';

export function objectsNeeded(pod: NodePod): ObjectRef[] {
  const references = podReferences(pod);
  const namespace = pod.metadata.namespace ?? '';
  const refs = (type: ResourceType, names: ReadonlySet<string>) =>
    [...names].map((name) => ({ type, namespace, name }));
  return [...refs(configMaps, references.configMaps), ...refs(secrets, references.secrets)];
}

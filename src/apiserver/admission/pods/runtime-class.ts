/**
 * Sets a pod's overhead, node selector and tolerations from its runtime class. Reads: RuntimeClass.
 * Upstream: RuntimeClass.
 */

import { isDeepStrictEqual } from 'node:util';
import { pods, runtimeClasses } from '#api/generated/kinds.gen.ts';
import type { Pod, RuntimeClass, Toleration } from '#api/generated/types.gen.ts';
import { forbidden } from '#api/meta/status.ts';
import { copyJson } from '#base/copy-json.ts';
import { type AdmissionAttributes, type AdmissionPlugin, defineAdmission } from '../../contract/admission.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { readObject } from '../../contract/typed-reader.ts';

export function runtimeClass(reader: ObjectReader): AdmissionPlugin {
  return defineAdmission({
    name: 'RuntimeClass',
    rules: [{ operations: ['CREATE'], apiGroups: [''], resources: ['pods'] }],
    mutate(attributes) {
      const pod = attributes.object as Pod;
      const found = classOf(reader, attributes, pod);
      if (!found) return;
      setOverhead(attributes, pod, found);
      setScheduling(attributes, pod, found);
    },
    validate(attributes) {
      const pod = attributes.object as Pod;
      const overhead = classOf(reader, attributes, pod)?.overhead?.podFixed ?? {};
      if (isDeepStrictEqual(pod.spec?.overhead ?? {}, overhead)) return;
      const why = pod.spec?.runtimeClassName
        ? "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"
        : 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead';
      throw forbidden(pods, attributes.name, why);
    },
  });
}

function classOf(reader: ObjectReader, attributes: AdmissionAttributes, pod: Pod): RuntimeClass | undefined {
  const name = pod.spec?.runtimeClassName;
  if (!name) return undefined;
  const found = readObject(reader, runtimeClasses, '', name);
  if (!found) throw forbidden(pods, attributes.name, `pod rejected: RuntimeClass "${name}" not found`);
  return found;
}

function setOverhead(attributes: AdmissionAttributes, pod: Pod, found: RuntimeClass): void {
  const fixed = found.overhead?.podFixed;
  if (!fixed) return;
  if (pod.spec?.overhead && !isDeepStrictEqual(pod.spec.overhead, fixed)) {
    const why = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";
    throw forbidden(pods, attributes.name, why);
  }
  pod.spec!.overhead = { ...fixed };
}

function setScheduling(attributes: AdmissionAttributes, pod: Pod, found: RuntimeClass): void {
  const { nodeSelector, tolerations } = found.scheduling ?? {};
  const own = pod.spec!.nodeSelector ?? {};
  for (const [key, value] of Object.entries(nodeSelector ?? {})) {
    if (own[key] !== undefined && own[key] !== value) {
      const why = `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own[key]}`;
      throw forbidden(pods, attributes.name, why);
    }
  }
  if (nodeSelector) pod.spec!.nodeSelector = { ...own, ...nodeSelector };
  const present = pod.spec!.tolerations ?? [];
  const keyOf = ({ key, operator, value, effect, tolerationSeconds }: Toleration) =>
    JSON.stringify([key, operator, value, effect, tolerationSeconds]);
  const known = new Set(present.map(keyOf));
  const added = (tolerations ?? []).filter((toleration) => !known.has(keyOf(toleration)));
  if (added.length > 0) pod.spec!.tolerations = [...present, ...copyJson(added)];
}

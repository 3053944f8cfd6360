/**
 * Sets a pod's overhead, node selector and tolerations from its runtime class. Reads: RuntimeClass.
 * Upstream: RuntimeClass.
 */

import { pods, runtimeClasses } from '#api/generated/kinds.gen.ts';
import type { Pod, RuntimeClass, Toleration } from '#api/generated/types.gen.ts';
import { forbidden, unknownError } from '#api/meta/status.ts';
import { deepEqual } from '#api/schema/deep-equal.ts';
import { copyJson } from '#base/copy-json.ts';
import { type AdmissionAttributes, type AdmissionPlugin, defineAdmission } from '../../contract/admission.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { readObject } from '../../contract/typed-reader.ts';
import { nameRefusal } from './looked-up-name.ts';

const otherOverhead = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";
const overheadWithoutClass =
  'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead';

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
      const overhead = classOf(reader, attributes, pod)?.overhead;
      const said = pod.spec?.overhead;
      // Without a class's, an empty one is one too many.
      if (overhead ? isSameOverhead(said, overhead.podFixed) : said === undefined) return;
      throw forbidden(pods, attributes.name, overhead ? otherOverhead : overheadWithoutClass);
    },
  });
}

function classOf(reader: ObjectReader, attributes: AdmissionAttributes, pod: Pod): RuntimeClass | undefined {
  const name = pod.spec?.runtimeClassName;
  if (name === undefined) return undefined;
  const found = readObject(reader, runtimeClasses, '', name);
  const refusal = found ? undefined : nameRefusal(name);
  if (refusal !== undefined) throw unknownError(refusal);
  if (!found) throw forbidden(pods, attributes.name, `pod rejected: RuntimeClass "${name}" not found`);
  return found;
}

type Overhead = NonNullable<Pod['spec']>['overhead'];

/** `1` and `1000m` are one amount. */
function isSameOverhead(a: Overhead, b: Overhead): boolean {
  return deepEqual({ overhead: a }, { overhead: b }, 'io.k8s.api.core.v1.PodSpec');
}

function setOverhead(attributes: AdmissionAttributes, pod: Pod, found: RuntimeClass): void {
  const fixed = found.overhead?.podFixed;
  if (!fixed) return;
  const own = pod.spec?.overhead;
  if (!isSameOverhead(own, undefined) && !isSameOverhead(own, fixed)) {
    throw forbidden(pods, attributes.name, otherOverhead);
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

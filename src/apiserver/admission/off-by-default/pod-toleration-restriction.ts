/**
 * A pod gets the default tolerations of its namespace, and may have only those that its namespace allows; else those of
 * the cluster. Upstream: PodTolerationRestriction, off by default.
 */

import { type ConfigTypes, readStrictDocument } from '#api/configuration/config-file.ts';
import type { Pod, Toleration } from '#api/generated/types.gen.ts';
import { unknownError } from '#api/meta/status.ts';
import { podQosClass } from '#api/pods/qos.ts';
import { decodeInto } from '#api/schema/decode.ts';
import { deepEqual } from '#api/schema/deep-equal.ts';
import { loadSchema } from '#api/schema/load-schema.ts';
import { errorText } from '#base/text/error-text.ts';
import { goJsonError } from '#wire/json/error.ts';
import { parseExactly } from '#wire/json/exact-integers.ts';
import { goJsonType } from '#wire/json/go-values.ts';
import { type AdmissionAttributes, type AdmissionPlugin, defineAdmission } from '../../contract/admission.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { namespaceAnnotation } from './namespace-annotation.ts';

export interface TolerationLimits {
  readonly default?: readonly Toleration[];
  readonly whitelist?: readonly Toleration[];
}

const types: ConfigTypes = {
  Configuration: { default: '[]#Toleration', whitelist: '[]#Toleration' },
  Toleration: {
    key: 'string',
    operator: 'string',
    value: 'string',
    effect: 'string',
    tolerationSeconds: 'int64',
  },
};
const format = {
  group: 'podtolerationrestriction.admission.k8s.io',
  versions: ['v1alpha1'],
  kind: 'Configuration',
  types,
};

/** Throws an Error for an invalid configuration. */
export function readTolerationLimits(document: unknown): TolerationLimits {
  return readStrictDocument(document, format) as TolerationLimits;
}

const defaultsAnnotation = 'scheduler.alpha.kubernetes.io/defaultTolerations';
const allowedAnnotation = 'scheduler.alpha.kubernetes.io/tolerationsWhitelist';
const memoryPressure = {
  key: 'node.kubernetes.io/memory-pressure',
  operator: 'Exists',
  effect: 'NoSchedule',
};

export function podTolerationRestriction(reader: ObjectReader, limits: TolerationLimits): AdmissionPlugin {
  const tolerationsOf = (namespace: string, annotation: string) =>
    tolerationsIn(namespaceAnnotation(reader, namespace, annotation));
  const check = ({ object, namespace }: AdmissionAttributes) => {
    const own = (object as Pod).spec?.tolerations ?? [];
    if (own.length === 0) return;
    const ofNamespace = tolerationsOf(namespace, allowedAnnotation);
    const allowed = ofNamespace ?? limits.whitelist ?? [];
    if (allowed.length === 0 || own.every((each) => allowed.some((wider) => covers(wider, each)))) return;
    throw unknownError(
      `pod tolerations (possibly merged with namespace default tolerations) conflict with its ${ofNamespace ? 'namespace' : 'cluster'} whitelist`,
    );
  };
  return defineAdmission({
    name: 'PodTolerationRestriction',
    rules: [{ operations: ['CREATE', 'UPDATE'], apiGroups: [''], resources: ['pods'] }],
    mutate(attributes) {
      const pod = attributes.object as Pod;
      const isNew = attributes.operation === 'CREATE';
      const defaults = isNew
        ? (tolerationsOf(attributes.namespace, defaultsAnnotation) ?? limits.default ?? [])
        : [];
      const added = podQosClass(pod) === 'BestEffort' ? defaults : [...defaults, memoryPressure];
      if (added.length > 0) pod.spec!.tolerations = merged([...(pod.spec!.tolerations ?? []), ...added]);
      check(attributes);
    },
    validate: check,
  });
}

/** Undefined without the annotation; a 500 for one that is no JSON of them, as upstream. */
function tolerationsIn(text: string | undefined): readonly Toleration[] | undefined {
  if (text === undefined) return undefined;
  if (text === '') return [];
  try {
    return decoded(parseExactly(text) ?? []);
  } catch (error) {
    throw unknownError(goJsonError(text) ?? errorText(error));
  }
}

/** Decoded by type, since users write the annotation. */
function decoded(list: unknown): readonly Toleration[] {
  if (!Array.isArray(list)) {
    throw new Error(`json: cannot unmarshal ${goJsonType(list)} into Go value of type []v1.Toleration`);
  }
  return list.map((item: unknown) => {
    const toleration = item ?? {};
    decodeInto(loadSchema(), 'io.k8s.api.core.v1.Toleration', toleration);
    return toleration;
  });
}

/** Without those that another toleration covers; of equal tolerations the first stays. */
function merged(all: readonly Toleration[]): Toleration[] {
  const kept: Toleration[] = [];
  for (const [i, each] of all.entries()) {
    const isCovered =
      kept.some((wider) => covers(wider, each)) ||
      all.slice(i + 1).some((later) => !deepEqual(each, later) && covers(later, each));
    if (!isCovered) kept.push(each);
  }
  return kept;
}

/** Whether whatever `narrow` tolerates `wide` does too. */
function covers(wide: Toleration, narrow: Toleration): boolean {
  if (deepEqual(wide, narrow)) return true;
  const { key, operator, effect, value, tolerationSeconds } = wide;
  if ((narrow.key ?? '') !== (key ?? '') && (key || operator !== 'Exists')) return false;
  if (effect && effect !== (narrow.effect ?? '')) return false;
  if (effect === 'NoExecute' && tolerationSeconds !== undefined) {
    const seconds = narrow.tolerationSeconds;
    if (seconds === undefined || seconds > tolerationSeconds) return false;
  }
  if (operator === 'Exists') return true;
  const isEqual = !operator || operator === 'Equal';
  return isEqual && narrow.operator === 'Equal' && (narrow.value ?? '') === (value ?? '');
}

/**
 * Validation of an update of a pod: mutable are images, the deadline, added tolerations, removed gates; and
 * fields of subresources.
 */

import type { Container, Pod, PodSchedulingGate, PodSpec, Toleration } from '../../../generated/types.gen.ts';
import { isMirrorPod } from '../../../pods/mirror-pod.ts';
import { deepEqual } from '../../../schema/deep-equal.ts';
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  noField,
  required,
} from '../../../validation/field-error.ts';
import { inRange, maxInt32 } from '../../../validation/validators.ts';
import { validateAnnotationUpdate } from './annotations.ts';
import { checkImageSpaces } from './containers/containers.ts';
import { validatePod } from './pod.ts';
import { gatedSpec } from './scheduling/gated.ts';
import { validateTolerations } from './scheduling/scheduling.ts';
import { describeChanges } from './spec-diff.ts';

const podSpecType = 'io.k8s.api.core.v1.PodSpec';

const mutableFields = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',');

export function validatePodUpdate(pod: Pod, old: Pod): FieldError[] {
  const errors = [...validatePod(pod, old), ...validateAnnotationUpdate(pod, old)];
  const [spec, oldSpec] = [pod.spec!, old.spec!];
  for (const list of ['containers', 'initContainers'] as const) {
    if ((spec[list] ?? []).length !== (oldSpec[list] ?? []).length) {
      return [...errors, forbiddenField(`spec.${list}`, 'pod updates may not add or remove containers')];
    }
    errors.push(...checkImages(spec[list] ?? [], `spec.${list}`));
  }
  const deadline = validateDeadline(spec, oldSpec);
  errors.push(...deadline.errors);
  if (deadline.stop) return errors;
  errors.push(...onlyAddedTolerations(spec.tolerations, oldSpec.tolerations));
  errors.push(...onlyRemovedGates(spec.schedulingGates, oldSpec.schedulingGates));
  if (deepEqual(spec, oldSpec, podSpecType)) return errors;
  const { errors: gateErrors, spec: rest } = gatedSpec(withoutMutable(spec, oldSpec), oldSpec);
  errors.push(...gateErrors);
  if (!deepEqual(rest, oldSpec, podSpecType)) {
    const changes = describeChanges(oldSpec, rest, 'PodSpec');
    const text = `pod updates may not change fields other than ${mutableFields}\n${changes}`;
    errors.push(forbiddenField('spec', text));
  }
  return errors;
}

function checkImages(containers: Container[], path: string): FieldError[] {
  return containers.flatMap((container, i) => {
    const missing = container.image ? [] : [required(`${path}[${i}].image`)];
    return [...missing, ...checkImageSpaces(container, `${path}[${i}]`)];
  });
}

/** The deadline may be added and decreased; it may not be increased or removed. */
function validateDeadline(spec: PodSpec, old: PodSpec): { errors: FieldError[]; stop: boolean } {
  const field = 'spec.activeDeadlineSeconds';
  const [now, before] = [spec.activeDeadlineSeconds, old.activeDeadlineSeconds];
  if (now === undefined) {
    if (before === undefined) return { errors: [], stop: false };
    const text = 'must not update from a positive integer to nil value';
    return { errors: [invalidValue(field, undefined, text)], stop: false };
  }
  const range = inRange(now, 0, maxInt32);
  if (range.length > 0) return { errors: [invalidValue(field, now, range[0]!)], stop: true };
  if (before === undefined || now <= before) return { errors: [], stop: false };
  return { errors: [invalidValue(field, now, 'must be less than or equal to previous value')], stop: true };
}

function onlyAddedTolerations(now: Toleration[] = [], before: Toleration[] = []): FieldError[] {
  const keyOf = ({ key, operator, value, effect }: Toleration) =>
    JSON.stringify([key, operator, value, effect]);
  const known = new Set(now.map(keyOf));
  const kept = before.every((old) => known.has(keyOf(old)));
  if (kept) return validateTolerations(now, 'spec.tolerations');
  const text = 'existing toleration can not be modified except its tolerationSeconds';
  return [forbiddenField('spec.tolerations', text)];
}

function onlyRemovedGates(now: PodSchedulingGate[] = [], before: PodSchedulingGate[] = []): FieldError[] {
  const added = new Map(now.map(({ name = '' }, i) => [name, i]));
  for (const { name = '' } of before) added.delete(name);
  return [...added].map(([name, i]) => {
    const text = `only deletion is allowed, but found new scheduling gate '${name}'`;
    return forbiddenField(`spec.schedulingGates[${i}].name`, text);
  });
}

/** The new spec with every mutable field restored to its old value. */
function withoutMutable(spec: PodSpec, old: PodSpec): PodSpec {
  const images = (now: Container[] | undefined, before: Container[] | undefined) =>
    (now ?? []).map((container, i) => ({ ...container, image: before?.[i]?.image }));
  const graceFixed = (old.terminationGracePeriodSeconds ?? 0) < 0 && spec.terminationGracePeriodSeconds === 1;
  return {
    ...spec,
    containers: images(spec.containers, old.containers),
    initContainers: spec.initContainers?.length ? images(spec.initContainers, old.initContainers) : undefined,
    activeDeadlineSeconds: old.activeDeadlineSeconds,
    schedulingGates: old.schedulingGates,
    tolerations: old.tolerations,
    terminationGracePeriodSeconds: graceFixed
      ? old.terminationGracePeriodSeconds
      : spec.terminationGracePeriodSeconds,
  };
}

/** For `pods/ephemeralcontainers`: containers may be added, never changed or removed. */
export function validateEphemeralContainersUpdate(pod: Pod, old: Pod): FieldError[] {
  if (isMirrorPod(old)) return [forbiddenField(noField, 'static pods do not support ephemeral containers')];
  const errors = [...validatePod(pod, old), ...validateAnnotationUpdate(pod, old)];
  const field = 'spec.ephemeralContainers';
  const byName = new Map(
    (pod.spec?.ephemeralContainers ?? []).map((container) => [container.name, container]),
  );
  for (const before of old.spec?.ephemeralContainers ?? []) {
    const now = byName.get(before.name);
    const which = `existing ephemeral containers ${JSON.stringify(before.name)}`;
    if (!now) errors.push(forbiddenField(field, `${which} may not be removed\n`));
    else if (!deepEqual(now, before, 'io.k8s.api.core.v1.EphemeralContainer')) {
      const changes = describeChanges(before, now, 'EphemeralContainer');
      errors.push(forbiddenField(field, `${which} may not be changed\n${changes}`));
    }
  }
  return errors;
}

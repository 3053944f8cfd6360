/** A whole pod at its creation: spec, annotations, and what only pods (not templates) must fulfil. */

import { type FieldError, forbiddenField, invalidValue } from '../field-error.ts';
import type { Pod } from '../types.gen.ts';
import { checkImageSpaces } from './containers.ts';
import { validatePodSpec } from './spec.ts';

const mirrorAnnotation = 'kubernetes.io/config.mirror';
const deletionCostAnnotation = 'controller.kubernetes.io/pod-deletion-cost';

export function validatePodCreate(pod: Pod): FieldError[] {
  const errors = validatePod(pod);
  const spec = pod.spec!;
  if (spec.ephemeralContainers?.length) {
    errors.push(forbiddenField('spec.ephemeralContainers', 'cannot be set on create'));
  }
  if (spec.nodeName && spec.schedulingGates?.length) {
    const text = 'cannot be set until all schedulingGates have been cleared';
    errors.push(forbiddenField('spec.nodeName', text));
  }
  return errors;
}

/** Without metadata, which is checked for every kind alike. */
export function validatePod(pod: Pod): FieldError[] {
  const spec = pod.spec!;
  const errors = [
    ...validateAnnotations(pod),
    ...validatePodSpec(spec, { isPod: true, podName: pod.metadata?.name ?? '' }, 'spec'),
  ];
  if (!spec.serviceAccountName) errors.push(...forbidTokens(pod));
  for (const list of ['containers', 'initContainers'] as const) {
    for (const [i, container] of (spec[list] ?? []).entries()) {
      errors.push(...checkImageSpaces(container, `spec.${list}[${i}]`));
    }
  }
  return errors;
}

function validateAnnotations(pod: Pod): FieldError[] {
  const annotations = pod.metadata?.annotations ?? {};
  const errors: FieldError[] = [];
  const mirror = annotations[mirrorAnnotation];
  if (mirror !== undefined && !pod.spec?.nodeName) {
    const text = 'must set spec.nodeName if mirror pod annotation is set';
    errors.push(invalidValue(`metadata.annotations[${mirrorAnnotation}]`, mirror, text));
  }
  const cost = annotations[deletionCostAnnotation];
  if (cost !== undefined && !isInt32(cost)) {
    const field = `metadata.annotations[${deletionCostAnnotation}]`;
    errors.push(invalidValue(field, cost, 'must be a 32bit integer'));
  }
  return errors;
}

function isInt32(text: string): boolean {
  return /^(0|-?[1-9]\d{0,9})$/.test(text) && Number(text) === (Number(text) | 0);
}

function forbidTokens(pod: Pod): FieldError[] {
  return (pod.spec?.volumes ?? []).flatMap((volume, i) =>
    (volume.projected?.sources ?? []).flatMap((source, j) => {
      if (!source.serviceAccountToken) return [];
      const text = 'must not be specified when serviceAccountName is not set';
      return [forbiddenField(`spec.volumes[${i}].projected.sources[${j}].serviceAccountToken`, text)];
    }),
  );
}

export function validateMirrorUpdate(pod: Pod, old: Pod): FieldError[] {
  const now = pod.metadata?.annotations?.[mirrorAnnotation];
  const before = old.metadata?.annotations?.[mirrorAnnotation];
  if (now === before) return [];
  const text =
    before === undefined
      ? 'may not add mirror pod annotation'
      : 'may not remove or update mirror pod annotation';
  return [forbiddenField(`metadata.annotations[${mirrorAnnotation}]`, text)];
}

export function isMirrorPod(pod: Pod): boolean {
  return pod.metadata?.annotations?.[mirrorAnnotation] !== undefined;
}

/**
 * Validation of a whole pod at creation: spec, annotations, and rules for pods that templates do not have.
 */

import type { Pod } from '../../../generated/types.gen.ts';
import { type FieldError, forbiddenField } from '../../../validation/field-error.ts';
import { checkProfilesAgree, validatePodAnnotations } from './annotations.ts';
import { checkImageSpaces } from './containers/containers.ts';
import { validatePodSpec } from './spec.ts';

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
  return [...errors, ...checkProfilesAgree(pod.metadata?.annotations, spec, 'spec')];
}

/** Without the metadata, which is validated in the same way for every kind. */
export function validatePod(pod: Pod, old?: Pod): FieldError[] {
  const spec = pod.spec!;
  const { name = '', annotations } = pod.metadata ?? {};
  const before = old?.metadata?.annotations;
  const errors = [
    ...validatePodAnnotations(annotations, spec, 'metadata.annotations', before),
    ...validatePodSpec(spec, { isPod: true, podName: name }, 'spec'),
  ];
  if (!spec.serviceAccountName) errors.push(...forbidTokens(pod));
  for (const list of ['containers', 'initContainers'] as const) {
    for (const [i, container] of (spec[list] ?? []).entries()) {
      errors.push(...checkImageSpaces(container, `spec.${list}[${i}]`));
    }
  }
  return errors;
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

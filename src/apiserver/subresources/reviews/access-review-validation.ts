/**
 * Validation of an access review: one kind of attributes, a user or groups, non-empty selectors, no metadata.
 */

import type {
  FieldSelectorAttributes,
  FieldSelectorRequirement,
  LabelSelectorAttributes,
  NonResourceAttributes,
  ResourceAttributes,
  SubjectAccessReviewSpec,
} from '#api/generated/types.gen.ts';
import type { ObjectMeta } from '#api/meta/object.ts';
import { validateSelectorRequirement } from '#api/selectors/validation.ts';
import { type FieldError, invalidValue, required } from '#api/validation/field-error.ts';
import { shownMetadata } from '#api/validation/internal-form.ts';

export type AccessReviewKind = 'SubjectAccessReview' | 'LocalSubjectAccessReview' | 'SelfSubjectAccessReview';

export function validateReview(
  kind: AccessReviewKind,
  spec: SubjectAccessReviewSpec,
  metadata: ObjectMeta,
): FieldError[] {
  const isLocal = kind === 'LocalSubjectAccessReview';
  const errors = validateSpec(kind, spec);
  const {
    managedFields: _managed,
    namespace,
    ...meta
  } = metadata as ObjectMeta & { managedFields?: unknown };
  if (Object.keys(meta).length > 0 || (!isLocal && namespace)) {
    errors.push(
      invalidValue(
        'metadata',
        shownMetadata(metadata),
        `must be empty${isLocal ? ' except for namespace' : ''}`,
      ),
    );
  }
  if (!isLocal) return errors;
  const { resourceAttributes: resource, nonResourceAttributes: other } = spec;
  if (resource && (resource.namespace ?? '') !== (namespace ?? '')) {
    const field = 'spec.resourceAttributes.namespace';
    errors.push(invalidValue(field, resource.namespace ?? '', 'must match metadata.namespace'));
  }
  if (other) {
    errors.push(
      invalidValue('spec.nonResourceAttributes', shown(other), 'disallowed on this kind of request'),
    );
  }
  return errors;
}

function validateSpec(kind: AccessReviewKind, spec: SubjectAccessReviewSpec): FieldError[] {
  const errors: FieldError[] = [];
  const { resourceAttributes: resource, nonResourceAttributes: other } = spec;
  const exactlyOne = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
  const both = 'cannot be specified in combination with resourceAttributes';
  if (resource && other) errors.push(invalidValue('spec.nonResourceAttributes', shown(other), both));
  if (!resource && !other) errors.push(invalidValue('spec.resourceAttributes', other ?? null, exactlyOne));
  if (kind !== 'SelfSubjectAccessReview' && !spec.user && !spec.groups?.length) {
    const text = 'at least one of user or group must be specified';
    errors.push(invalidValue('spec.user', spec.user ?? '', text));
  }
  return [...errors, ...validateSelectors(resource)];
}

/** As upstream's internal struct. */
const shown = ({ path = '', verb = '' }: NonResourceAttributes) => ({ Path: path, Verb: verb });

function validateSelectors(resource: ResourceAttributes | undefined): FieldError[] {
  const path = 'spec.resourceAttributes';
  const { fieldSelector, labelSelector } = resource ?? {};
  return [
    ...validateForm(fieldSelector, `${path}.fieldSelector`),
    ...(fieldSelector?.requirements ?? []).flatMap((requirement, i) =>
      validateFieldRequirement(requirement, `${path}.fieldSelector.requirements[${i}]`),
    ),
    ...validateForm(labelSelector, `${path}.labelSelector`),
    ...(labelSelector?.requirements ?? []).flatMap((requirement, i) =>
      validateSelectorRequirement(requirement, `${path}.labelSelector.requirements[${i}]`, mayBeNewer),
    ),
  ];
}

/** A newer client may know operators that this server does not: they are passed over, not refused. */
const mayBeNewer = { mayHaveUnknownOperator: true };

function validateForm(
  selector: FieldSelectorAttributes | LabelSelectorAttributes | undefined,
  path: string,
): FieldError[] {
  if (!selector) return [];
  const hasRequirements = Boolean(selector.requirements?.length);
  if (selector.rawSelector && hasRequirements) {
    const text = 'may not specified at the same time as requirements';
    return [invalidValue(`${path}.rawSelector`, selector.rawSelector, text)];
  }
  if (selector.rawSelector || hasRequirements) return [];
  const text = `when ${path} is specified, requirements or rawSelector is required`;
  return [required(`${path}.requirements`, text)];
}

function validateFieldRequirement(requirement: FieldSelectorRequirement, path: string): FieldError[] {
  const isNameless = !requirement.key;
  const errors = validateSelectorRequirement({ ...requirement, key: 'field' }, path, {
    ...mayBeNewer,
    mayHaveAnyValue: true,
  });
  return isNameless ? [required(`${path}.key`, 'must be specified'), ...errors] : errors;
}

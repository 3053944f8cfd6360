/** The environment of structured authorization: `request`, the spec of a SubjectAccessReview. */

import type { Environment } from '../declarations/environment.ts';
import { type CelType, listType, mapType, stringType } from '../types/type.ts';
import { baseEnvironment } from './base.ts';
import { objectOf, strings } from './object-type.ts';

const requirementType = objectOf('kubernetes.SelectorRequirement', {
  key: stringType,
  operator: stringType,
  values: strings,
});

const selectorType = (name: string): CelType =>
  objectOf(name, { rawSelector: stringType, requirements: listType(requirementType) });

const resourceAttributesType = objectOf('kubernetes.ResourceAttributes', {
  namespace: stringType,
  verb: stringType,
  group: stringType,
  version: stringType,
  resource: stringType,
  subresource: stringType,
  name: stringType,
  fieldSelector: selectorType('kubernetes.FieldSelectorAttributes'),
  labelSelector: selectorType('kubernetes.LabelSelectorAttributes'),
});

const nonResourceAttributesType = objectOf('kubernetes.NonResourceAttributes', {
  path: stringType,
  verb: stringType,
});

const specType = objectOf('kubernetes.SubjectAccessReviewSpec', {
  resourceAttributes: resourceAttributesType,
  nonResourceAttributes: nonResourceAttributesType,
  user: stringType,
  groups: strings,
  extra: mapType(stringType, strings),
  uid: stringType,
});

export const authorizationEnvironment = (): Environment => baseEnvironment().with({ request: specType });

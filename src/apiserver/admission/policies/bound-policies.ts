/** Finds the validating or mutating policies that match a request, with their bindings and params. */

import type { MatchResources, ParamKind, ParamRef } from '#api/generated/types.gen.ts';
import type { AnyObject, KubeObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import type { AdmissionAttributes } from '../../contract/admission.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { readObjects } from '../../contract/typed-reader.ts';
import type { Resources } from '../../registry/resources.ts';
import { namespaceOf } from '../objects/admission-request.ts';
import { equivalentsOf } from '../objects/equivalents.ts';
import { isExempt } from './exempt-resources.ts';
import { matchedBy } from './match-policy.ts';
import { ConfigurationProblem, type ParamSource, paramSourceOf, paramsOf } from './params.ts';

export interface Policy extends KubeObject {
  readonly spec?: {
    readonly failurePolicy?: string;
    readonly paramKind?: ParamKind;
    readonly matchConstraints?: MatchResources;
  };
}

export interface PolicyBinding extends KubeObject {
  readonly spec?: {
    readonly policyName?: string;
    readonly paramRef?: ParamRef;
    readonly matchResources?: MatchResources;
  };
}

/** A policy that matches a request. */
export interface BoundPolicy<P extends Policy, B extends PolicyBinding> {
  readonly policy: P;
  /** The resource in the version that its rules match. */
  readonly matched: ResourceType;
  /** The bindings that match the request too; or why the policy cannot be used. */
  readonly bindings: readonly MatchedBinding<B>[] | ConfigurationProblem;
}

export interface MatchedBinding<B extends PolicyBinding> {
  readonly binding: B;
  /** The policy is evaluated for each param; null stands for no parameter. Or why the binding cannot be used. */
  readonly params: readonly (AnyObject | null)[] | ConfigurationProblem;
}

export interface PolicyParts {
  readonly reader: ObjectReader;
  readonly resources: Resources;
}

/** In the order of their names; upstream has no fixed order. */
export function boundPolicies<P extends Policy, B extends PolicyBinding>(
  parts: PolicyParts,
  attributes: AdmissionAttributes,
  policyType: ResourceType<P>,
  bindingType: ResourceType<B>,
): readonly BoundPolicy<P, B>[] {
  const policies = readObjects(parts.reader, policyType);
  if (policies.length === 0 || isExempt(attributes.type)) return [];
  const byPolicy = Map.groupBy(readObjects(parts.reader, bindingType), ({ spec }) => spec?.policyName);
  if (byPolicy.size === 0) return [];
  const [, ...equivalents] = equivalentsOf(parts.resources, attributes.type, attributes.subresource);
  const means = (match: MatchResources | undefined) =>
    matchedBy(match, attributes, equivalents, parts.reader);
  return policies.flatMap((policy) => {
    const own = byPolicy.get(policy.metadata!.name!);
    return own ? bound(parts, attributes, policy, own, means) : [];
  });
}

function bound<P extends Policy, B extends PolicyBinding>(
  { reader, resources }: PolicyParts,
  attributes: AdmissionAttributes,
  policy: P,
  bindings: readonly B[],
  means: (match: MatchResources | undefined) => ResourceType | undefined,
): BoundPolicy<P, B>[] {
  const matched = means(policy.spec?.matchConstraints);
  if (matched === undefined) return [];
  const source = paramSourceOf(policy.spec?.paramKind, resources);
  if (source instanceof ConfigurationProblem) return [{ policy, matched, bindings: source }];
  const met = bindings.filter(({ spec }) => means(spec?.matchResources) !== undefined);
  const params = (binding: B) => paramsOfBinding(source, binding, attributes, reader);
  return [{ policy, matched, bindings: met.map((binding) => ({ binding, params: params(binding) })) }];
}

function paramsOfBinding(
  source: ParamSource | undefined,
  { spec }: PolicyBinding,
  attributes: AdmissionAttributes,
  reader: ObjectReader,
): readonly (AnyObject | null)[] | ConfigurationProblem {
  if (source === undefined || spec?.paramRef === undefined) return [null];
  return paramsOf(source, spec.paramRef, namespaceOf(attributes), reader);
}

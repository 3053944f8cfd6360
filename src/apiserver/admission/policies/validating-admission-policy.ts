/**
 * Denies what a ValidatingAdmissionPolicy that is bound does not allow, or warns of it. Reads: ValidatingAdmissionPolicy,
 * ValidatingAdmissionPolicyBinding, Namespace and the kinds of parameters. Upstream: ValidatingAdmissionPolicy.
 */

import {
  namespaces,
  validatingAdmissionPolicies,
  validatingAdmissionPolicyBindings,
} from '#api/generated/kinds.gen.ts';
import type {
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '#api/generated/types.gen.ts';
import type { AnyObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { forbidden, StatusError } from '#api/meta/status.ts';
import { type AdmissionAttributes, type AdmissionPlugin, defineAdmission } from '../../contract/admission.ts';
import type { Authorizer } from '../../contract/authorization.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { readObjects } from '../../contract/typed-reader.ts';
import type { Resources } from '../../registry/resources.ts';
import { convertObject, equivalentsOf } from '../equivalents.ts';
import { authorizerBindings, requestBindings } from '../request-bindings.ts';
import { type Annotations, type Bindings, type Denial, decide } from './decide.ts';
import { matchedBy, meansNamespaces } from './match-policy.ts';
import { ConfigurationProblem, paramsOf } from './params.ts';
import { compiledPolicy } from './policy.ts';

export interface PolicyOptions {
  readonly reader: ObjectReader;
  readonly resources: Resources;
  readonly authorizer: Authorizer;
}

interface NamedDenial extends Denial {
  readonly policy: string;
  /** Absent where the policy itself cannot be used. */
  readonly binding?: string;
}

/** Policies cannot lock out those who could correct them, and reviews change nothing. */
const exemptGroups = new Set(['authentication.k8s.io', 'authorization.k8s.io']);
const exemptPolicies = /^(?:validating|mutating)admissionpolic(?:ies|ybindings)$/;

export function validatingAdmissionPolicy(options: PolicyOptions): AdmissionPlugin {
  return defineAdmission({
    name: 'ValidatingAdmissionPolicy',
    rules: [{ operations: ['*'], apiGroups: ['*'], resources: ['*/*'] }],
    validate(attributes) {
      const policies = readObjects(options.reader, validatingAdmissionPolicies);
      if (policies.length === 0 || isExempt(attributes.type)) return;
      const bindings = readObjects(options.reader, validatingAdmissionPolicyBindings);
      const denials = policies.flatMap((policy) => denialsOf(options, attributes, policy, bindings));
      const [first] = denials;
      if (first !== undefined) throw refusal(attributes, first);
    },
  });
}

function isExempt({ group, resource }: ResourceType): boolean {
  return (
    exemptGroups.has(group) || (group === 'admissionregistration.k8s.io' && exemptPolicies.test(resource))
  );
}

function denialsOf(
  options: PolicyOptions,
  attributes: AdmissionAttributes,
  policy: ValidatingAdmissionPolicy,
  bindings: readonly ValidatingAdmissionPolicyBinding[],
): NamedDenial[] {
  const { reader, resources } = options;
  const name = policy.metadata!.name!;
  const own = bindings.filter(({ spec }) => spec?.policyName === name);
  if (own.length === 0) return [];
  const [, ...equivalents] = equivalentsOf(resources, attributes.type, attributes.subresource);
  const matched = matchedBy(policy.spec?.matchConstraints, attributes, equivalents, reader);
  if (matched === undefined) return [];
  const request = variablesOf(options, attributes, matched);
  const authorizer = authorizerBindings(options.authorizer, attributes);
  const annotations: Annotations = new Map();
  const denials = own.flatMap((binding) => {
    if (matchedBy(binding.spec?.matchResources, attributes, equivalents, reader) === undefined) return [];
    const found = denialsOfBinding(options, attributes, policy, binding, request, authorizer, annotations);
    return found.map((denial) => ({ ...denial, policy: name, binding: binding.metadata!.name! }));
  });
  for (const [key, values] of annotations) {
    attributes.request?.annotate(`${name}/${key}`, [...values].join(', '));
  }
  return denials;
}

function denialsOfBinding(
  { reader, resources }: PolicyOptions,
  attributes: AdmissionAttributes,
  policy: ValidatingAdmissionPolicy,
  binding: ValidatingAdmissionPolicyBinding,
  request: Bindings,
  authorizer: Bindings,
  annotations: Annotations,
): readonly Denial[] {
  const compiled = compiledPolicy(policy);
  const params = paramsOf(policy.spec?.paramKind, binding, attributes.namespace, resources, reader);
  if (params instanceof ConfigurationProblem) {
    return compiled.isFailClosed ? [{ message: `failed to configure binding: ${params.message}` }] : [];
  }
  const denials = params.flatMap((param) => {
    return decide(compiled, { ...request, params: param }, authorizer, annotations);
  });
  const actions = binding.spec?.validationActions ?? [];
  for (const denial of denials) if (!denial.isAlwaysDenied) report(attributes, policy, binding, denial);
  return denials.filter(({ isAlwaysDenied }) => isAlwaysDenied || actions.includes('Deny'));
}

/** What the actions beside Deny do. */
function report(
  attributes: AdmissionAttributes,
  { metadata }: ValidatingAdmissionPolicy,
  binding: ValidatingAdmissionPolicyBinding,
  { message, index }: Denial,
): void {
  const [policyName, bindingName] = [metadata!.name!, binding.metadata!.name!];
  const validationActions = binding.spec?.validationActions ?? [];
  if (validationActions.includes('Warn')) attributes.warn(warning(policyName, bindingName, message));
  if (!validationActions.includes('Audit')) return;
  const failure = {
    message,
    policy: policyName,
    binding: bindingName,
    expressionIndex: index ?? 0,
    validationActions,
  };
  attributes.request?.annotate(failureAnnotation, JSON.stringify([failure]));
}

const failureAnnotation = 'validation.policy.admission.k8s.io/validation_failure';

const warning = (policy: string, binding: string, message: string) =>
  `Validation failed for ValidatingAdmissionPolicy '${policy}' with binding '${binding}': ${message}`;

function variablesOf(
  { reader, resources }: PolicyOptions,
  attributes: AdmissionAttributes,
  matched: ResourceType,
): Bindings {
  const { type, namespace, object, oldObject } = attributes;
  const namespaceObject =
    namespace === '' || meansNamespaces(attributes) ? null : (reader.get(namespaces, '', namespace) ?? null);
  const seen = (each: AnyObject | undefined) =>
    each === undefined ? null : convertObject(resources, each, type, matched);
  return requestBindings(
    attributes,
    matched,
    { object: seen(object), oldObject: seen(oldObject) },
    namespaceObject,
  );
}

const codes: Readonly<Record<string, number>> = {
  Forbidden: 403,
  Unauthorized: 401,
  RequestEntityTooLarge: 413,
};

function refusal({ type, name }: AdmissionAttributes, denial: NamedDenial): StatusError {
  const binding = denial.binding === undefined ? '' : ` with binding '${denial.binding}'`;
  const message = `ValidatingAdmissionPolicy '${denial.policy}'${binding} denied request: ${denial.message}`;
  const { status } = forbidden(type, name, message);
  const reason = denial.reason ?? 'Invalid';
  return new StatusError({
    ...status,
    reason,
    code: codes[reason] ?? 422,
    details: { ...status.details, causes: [{ message }] },
  });
}

/**
 * Evaluates the bound ValidatingAdmissionPolicies of a request: denies it, warns or audits, as the bindings say. Reads:
 * ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding, Namespace and the kinds of parameters. Upstream:
 * ValidatingAdmissionPolicy.
 */

import { validatingAdmissionPolicies, validatingAdmissionPolicyBindings } from '#api/generated/kinds.gen.ts';
import type {
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '#api/generated/types.gen.ts';
import { forbidden, StatusError } from '#api/meta/status.ts';
import { inOrder } from '#base/in-order.ts';
import {
  type AdmissionAttributes,
  type AdmissionPlugin,
  defineAdmission,
} from '../../../contract/admission.ts';
import { whenAnswered } from '../../expressions/ask-authorizer.ts';
import { authorizerBindings } from '../../expressions/request-bindings.ts';
import { ObjectViews } from '../../objects/shown-objects.ts';
import { type BoundPolicy, boundPolicies, type MatchedBinding } from '../bound-policies.ts';
import { ConfigurationProblem } from '../params.ts';
import type { Enforcement } from '../policy-metrics.ts';
import type { PolicyOptions } from '../policy-options.ts';
import { policyVariables } from '../policy-variables.ts';
import { compiledValidations } from './compiled-validations.ts';
import { type Decision, decide, type Verdict } from './decide.ts';

type Bound = BoundPolicy<ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding>;
type Met = MatchedBinding<ValidatingAdmissionPolicyBinding>;

/** Why a request is denied. */
interface Denial {
  readonly policy: string;
  /** Absent where the policy itself cannot be used. */
  readonly binding?: string;
  readonly message: string;
  readonly reason?: string;
}

/** The verdicts of a policy by one of its bindings, one for each param; or why the binding cannot be used. */
interface Judged {
  readonly binding: ValidatingAdmissionPolicyBinding;
  readonly verdicts: readonly Verdict[] | ConfigurationProblem;
}

export function validatingAdmissionPolicy(options: PolicyOptions): AdmissionPlugin {
  return defineAdmission({
    name: 'ValidatingAdmissionPolicy',
    rules: [{ operations: ['*'], apiGroups: ['*'], resources: ['*/*'] }],
    validate(attributes) {
      const bound = boundPolicies(
        options,
        attributes,
        validatingAdmissionPolicies,
        validatingAdmissionPolicyBindings,
      );
      if (bound.length === 0) return undefined;
      const denials: Denial[] = [];
      const views = new ObjectViews(options.resources, attributes, false);
      const judging = inOrder(bound, (policy) => judge(options, attributes, views, policy, denials));
      return judging ? judging.then(() => refuse(attributes, denials)) : refuse(attributes, denials);
    },
  });
}

function refuse(attributes: AdmissionAttributes, [first]: readonly Denial[]): void {
  if (first !== undefined) throw refusal(attributes, first);
}

/** Adds to `denials`. A promise only where a conversion webhook or an authorization webhook has to be called. */
function judge(
  options: PolicyOptions,
  attributes: AdmissionAttributes,
  views: ObjectViews,
  bound: Bound,
  denials: Denial[],
): Promise<void> | undefined {
  const { bindings, policy } = bound;
  if (bindings instanceof ConfigurationProblem) {
    if (isFailClosed(policy)) denials.push({ policy: policy.metadata!.name!, message: bindings.message });
    return undefined;
  }
  const evaluate = () =>
    bindings.map((met) => ({
      binding: met.binding,
      verdicts: verdictsOf(options, attributes, views, bound, met),
    }));
  const settle = (judged: readonly Judged[]) => {
    denials.push(...judged.flatMap((each) => enforce(options, attributes, policy, each)));
    publish(attributes, policy, judged);
  };
  const converting = views.ahead(bound.matched);
  if (converting) return converting.then(() => whenAnswered(evaluate)).then(settle);
  const judged = whenAnswered(evaluate);
  return judged instanceof Promise ? judged.then(settle) : void settle(judged);
}

const isFailClosed = ({ spec }: ValidatingAdmissionPolicy) => spec?.failurePolicy !== 'Ignore';

function verdictsOf(
  { reader, authorizer, clock }: PolicyOptions,
  attributes: AdmissionAttributes,
  views: ObjectViews,
  { policy, matched }: Bound,
  { params }: Met,
): readonly Verdict[] | ConfigurationProblem {
  if (params instanceof ConfigurationProblem) return params;
  const request = policyVariables(reader, attributes, views, matched);
  const asked = authorizerBindings(authorizer, attributes);
  return params.map((param) =>
    decide(compiledValidations(policy), { ...request, params: param }, asked, clock),
  );
}

/** Carries out the actions of the binding, and returns its denials. */
function enforce(
  { metrics }: PolicyOptions,
  attributes: AdmissionAttributes,
  policy: ValidatingAdmissionPolicy,
  { binding, verdicts }: Judged,
): Denial[] {
  const names = { policy: policy.metadata!.name!, binding: binding.metadata!.name! };
  if (verdicts instanceof ConfigurationProblem) {
    return isFailClosed(policy) ? [{ ...names, message: verdicts.message }] : [];
  }
  const count = ({ message: error, ms }: Decision, enforcement: Enforcement) =>
    metrics.validated({ ...names, ms, error }, enforcement);
  const denial = ({ message, reason }: Decision): Denial => ({
    ...names,
    message,
    ...(reason ? { reason } : {}),
  });
  return verdicts.flatMap(({ decisions, unpublished }) => {
    for (const decision of decisions) report(attributes, binding, decision, count);
    for (const decision of unpublished) count(decision, 'deny');
    const isDenying = binding.spec?.validationActions?.includes('Deny') ?? false;
    const denied = isDenying ? decisions.filter(({ isDenied }) => isDenied) : [];
    return [...denied, ...unpublished].map(denial);
  });
}

/** Counts a decision, and carries out the actions Warn and Audit. */
function report(
  attributes: AdmissionAttributes,
  binding: ValidatingAdmissionPolicyBinding,
  decision: Decision,
  count: (decision: Decision, enforcement: Enforcement) => void,
): void {
  if (!decision.isDenied) {
    count(decision, 'allow');
    return;
  }
  for (const action of binding.spec?.validationActions ?? []) {
    if (action === 'Warn') attributes.warn(warning(binding, decision.message));
    if (action === 'Audit') attributes.request?.annotate(failureAnnotation, failureText(binding, decision));
    const enforcement = enforcements[action];
    if (enforcement) count(decision, enforcement);
  }
}

const enforcements: Readonly<Record<string, Enforcement>> = { Deny: 'deny', Audit: 'audit', Warn: 'warn' };

const failureAnnotation = 'validation.policy.admission.k8s.io/validation_failure';

function failureText(
  { metadata, spec }: ValidatingAdmissionPolicyBinding,
  { message, index }: Decision,
): string {
  const failure = {
    message,
    policy: spec?.policyName,
    binding: metadata!.name!,
    expressionIndex: index,
    validationActions: spec?.validationActions,
  };
  return JSON.stringify([failure]);
}

const warning = ({ metadata, spec }: ValidatingAdmissionPolicyBinding, message: string) =>
  `Validation failed for ValidatingAdmissionPolicy '${spec?.policyName}' with binding '${metadata!.name}': ${message}`;

/** Publishes audit annotations. Different values of one key, by several bindings and params, are joined by commas. */
function publish(
  { request }: AdmissionAttributes,
  policy: ValidatingAdmissionPolicy,
  judged: readonly Judged[],
): void {
  const byKey = new Map<string, Set<string>>();
  for (const { verdicts } of judged) {
    if (verdicts instanceof ConfigurationProblem) continue;
    for (const [key, value] of verdicts.flatMap(({ annotations }) => annotations)) {
      byKey.set(key, (byKey.get(key) ?? new Set()).add(value));
    }
  }
  for (const [key, values] of byKey) {
    request?.annotate(`${policy.metadata!.name!}/${key}`, [...values].join(', '));
  }
}

const codes: Readonly<Record<string, number>> = {
  Forbidden: 403,
  Unauthorized: 401,
  RequestEntityTooLarge: 413,
};

function refusal({ type, name }: AdmissionAttributes, denial: Denial): StatusError {
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

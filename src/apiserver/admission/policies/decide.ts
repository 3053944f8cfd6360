/** What a policy says of one request with one parameter. */

import type { ComposedVariables } from '#api/cel/composition.ts';
import { costLimits } from '#api/cel/contract.ts';
import { nullType, stringType } from '#api/cel/types/type.ts';
import { typeOfValue, type Value } from '#api/cel/values/value.ts';
import { trimGoSpace } from '#base/text/go-space.ts';
import { Budget, evaluateConditions, type Outcome } from './condition.ts';
import type { CompiledPolicy } from './policy.ts';

/** Why a request is denied. Errors are denials of policies that fail closed. */
export interface Denial {
  readonly message: string;
  /** Of a validation that does not hold. */
  readonly reason?: string;
  /** Denied whatever the actions of the binding are. */
  readonly isAlwaysDenied?: boolean;
  /** Of the validation; absent where no single one is at fault. */
  readonly index?: number;
}

/** The different values of the audit annotations, by the keys in the policy. */
export type Annotations = Map<string, Set<string>>;

export type Bindings = Readonly<Record<string, unknown>>;

const messageBytesMax = 5 * 1024;
const annotationBytesMax = 10 * 1024;

/** `bindings` without `variables`, and without `authorizer` for what may not ask it. */
export function decide(
  policy: CompiledPolicy,
  bindings: Bindings,
  withAuthorizer: Bindings,
  annotations: Annotations,
): readonly Denial[] {
  const failed = (message: string, index = 0) => (policy.isFailClosed ? [{ message, index }] : []);
  const all = { ...bindings, ...withAuthorizer };
  const isMatch = matchesConditions(policy, all);
  if (typeof isMatch === 'string') return failed(isMatch);
  if (!isMatch) return [];
  const budget = new Budget(costLimits.object);
  const variables = policy.composition.begin(all);
  const outcomes = evaluateConditions(policy.conditions, all, variables, budget);
  if (typeof outcomes === 'string') return failed(outcomes);
  const plain = policy.composition.begin(bindings);
  const messages = evaluateConditions(policy.messages, bindings, plain, budget);
  const denials = outcomes.flatMap((outcome, index) => {
    if (outcome!.error !== undefined) return failed(outcome!.error, index);
    if (typeof messages === 'string') return failed(`failed messageExpression: ${messages}`, index);
    return outcome!.value === true ? [] : [denialOf(policy, index, messages[index])];
  });
  const wrong = annotate(policy, bindings, plain, annotations);
  return wrong !== undefined && policy.isFailClosed ? [...denials, wrong] : denials;
}

/** Any condition that is false decides; otherwise an error is the result, or no match of a policy that fails open. */
function matchesConditions(policy: CompiledPolicy, bindings: Bindings): boolean | string {
  if (policy.matchConditions.length === 0) return true;
  const variables = policy.composition.begin(bindings);
  const budget = new Budget(costLimits.matchConditions);
  const outcomes = evaluateConditions(
    policy.matchConditions,
    { ...bindings, namespaceObject: null },
    variables,
    budget,
  );
  if (typeof outcomes === 'string') return policy.isFailClosed ? outcomes : false;
  if (outcomes.some((outcome) => outcome!.error === undefined && outcome!.value === false)) return false;
  const errors = [...new Set(outcomes.flatMap((outcome) => outcome!.error ?? []))];
  if (errors.length === 0) return true;
  if (!policy.isFailClosed) return false;
  return errors.length === 1 ? errors[0]! : `[${errors.join(', ')}]`;
}

function denialOf(policy: CompiledPolicy, index: number, evaluated: Outcome | undefined): Denial {
  const { expression, message = '', reason = 'Invalid' } = policy.validations[index]!;
  const written = evaluated?.error === undefined ? usableMessage(evaluated?.value) : '';
  const text = written || trimGoSpace(message) || `failed expression: ${trimGoSpace(expression)}`;
  return { message: text, reason, index };
}

/** A message of one line, and not too long. */
function usableMessage(value: unknown): string {
  const text = typeof value === 'string' ? trimGoSpace(value) : '';
  return text.includes('\n') || Buffer.byteLength(text) > messageBytesMax ? '' : text;
}

/** Adds what is to be published. The denial of the first annotation that cannot be computed. */
function annotate(
  policy: CompiledPolicy,
  bindings: Bindings,
  variables: ComposedVariables,
  annotations: Annotations,
): Denial | undefined {
  const conditions = policy.auditAnnotations.map(({ value }) => value);
  const outcomes = evaluateConditions(conditions, bindings, variables, new Budget(costLimits.object));
  if (typeof outcomes === 'string') return { message: outcomes };
  let denial: Denial | undefined;
  for (const [index, outcome] of outcomes.entries()) {
    const { key, value } = policy.auditAnnotations[index]!;
    const result = outcome!.error === undefined ? outcome!.value : undefined;
    const message = outcome!.error ?? unpublishable(value.expression, result);
    if (message !== undefined) denial ??= { message, isAlwaysDenied: true };
    else if (typeof result === 'string') add(annotations, key, trimGoSpace(result));
  }
  return denial;
}

function unpublishable(expression: string, value: unknown): string | undefined {
  const type = typeOfValue(value as Value);
  if (type === stringType || type === nullType) return undefined;
  return `valueExpression '${expression}' resulted in unsupported return type: ${type.name}. Return type must be either string or null.`;
}

function add(annotations: Annotations, key: string, value: string): void {
  if (value === '') return;
  const bytes = Buffer.from(value);
  const published = bytes.length > annotationBytesMax ? bytes.toString('utf8', 0, annotationBytesMax) : value;
  const known = annotations.get(key);
  if (known === undefined) annotations.set(key, new Set([published]));
  else known.add(published);
}

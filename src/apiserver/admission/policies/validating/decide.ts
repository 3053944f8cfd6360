/** Evaluates a policy for a request with one parameter. */

import { costLimits } from '#api/cel/contract.ts';
import { nullType, stringType } from '#api/cel/types/type.ts';
import { typeOfValue, type Value } from '#api/cel/values/value.ts';
import type { Clock } from '#base/clock.ts';
import { trimGoSpace } from '#base/text/go-space.ts';
import { Budget, evaluateConditions, type Outcome, type Scope } from '../condition.ts';
import { meetsConditions } from '../match-conditions.ts';
import type { Bindings } from '../policy-variables.ts';
import type { CompiledValidations } from './compiled-validations.ts';

/** A validation that does not hold or cannot be evaluated. */
export interface Decision {
  /** False for an error of a policy that fails open, which is only counted. */
  readonly isDenied: boolean;
  readonly message: string;
  /** Of a validation that does not hold. */
  readonly reason?: string;
  /** Of the validation; 0 for an error that is not of a single validation. */
  readonly index: number;
  readonly ms: number;
}

export interface Verdict {
  readonly decisions: readonly Decision[];
  /** Audit annotations that cannot be computed: they deny the request whatever the actions of the binding are. */
  readonly unpublished: readonly Decision[];
  /** Audit annotations, by the keys in the policy. */
  readonly annotations: readonly (readonly [key: string, value: string])[];
}

const nothing: Verdict = { decisions: [], unpublished: [], annotations: [] };

const messageBytesMax = 5 * 1024;
const annotationBytesMax = 10 * 1024;

/** `bindings` without `variables`; `authorizer`: the bindings of expressions that may use it. */
export function decide(
  policy: CompiledValidations,
  bindings: Bindings,
  authorizer: Bindings,
  clock: Clock,
): Verdict {
  const failed = (message: string) => ({ ...nothing, decisions: [failure(policy, message)] });
  const all = { ...bindings, ...authorizer };
  const isMatch = meetsConditions(policy, all, clock);
  if (typeof isMatch === 'string') return failed(isMatch);
  if (!isMatch) return nothing;
  const budget = new Budget(costLimits.object);
  const scope = { bindings: all, variables: policy.composition.begin(all), clock };
  const outcomes = evaluateConditions(policy.conditions, scope, budget);
  if (typeof outcomes === 'string') return failed(outcomes);
  const plain = { bindings, variables: policy.composition.begin(bindings), clock };
  const messages = evaluateConditions(policy.messages, plain, budget);
  const annotated = annotationsOf(policy, plain);
  if (typeof annotated === 'string') return failed(annotated);
  const decisions = outcomes.flatMap((outcome, index) => decisionOf(policy, index, outcome!, messages) ?? []);
  return { decisions, ...annotated };
}

function failure({ isFailClosed }: CompiledValidations, message: string, index = 0, ms = 0): Decision {
  return { isDenied: isFailClosed, message, index, ms };
}

function decisionOf(
  policy: CompiledValidations,
  index: number,
  outcome: Outcome,
  messages: ReturnType<typeof evaluateConditions>,
): Decision | undefined {
  const { ms } = outcome;
  if (outcome.error !== undefined) return failure(policy, outcome.error, index, ms);
  if (typeof messages === 'string') {
    return failure(policy, `failed messageExpression: ${messages}`, index, ms);
  }
  if (outcome.value === true) return undefined;
  const { expression, message = '', reason = 'Invalid' } = policy.validations[index]!;
  const evaluated = messages[index];
  const written = evaluated?.error === undefined ? usableMessage(evaluated?.value) : '';
  const text = written || trimGoSpace(message) || `failed expression: ${trimGoSpace(expression)}`;
  return { isDenied: true, message: text, reason, index, ms };
}

/** The evaluated message; empty if it is no string, too long or of several lines. */
function usableMessage(value: unknown): string {
  const text = typeof value === 'string' ? trimGoSpace(value) : '';
  return text.includes('\n') || Buffer.byteLength(text) > messageBytesMax ? '' : text;
}

type Annotated = Pick<Verdict, 'unpublished' | 'annotations'>;

/** A string when the budget is spent. */
function annotationsOf(policy: CompiledValidations, scope: Scope): Annotated | string {
  const conditions = policy.auditAnnotations.map(({ value }) => value);
  const outcomes = evaluateConditions(conditions, scope, new Budget(costLimits.object));
  if (typeof outcomes === 'string') return outcomes;
  const unpublished: Decision[] = [];
  const annotations: [string, string][] = [];
  for (const [index, outcome] of outcomes.entries()) {
    const { key, value } = policy.auditAnnotations[index]!;
    const result = outcome!.error === undefined ? outcome!.value : undefined;
    if (outcome!.error !== undefined) {
      if (policy.isFailClosed) unpublished.push(failure(policy, outcome!.error, 0, outcome!.ms));
    } else if (typeof result === 'string') {
      const text = trimGoSpace(result);
      if (text !== '') annotations.push([key, publishable(text)]);
    } else {
      const message = unpublishable(value.expression, result);
      if (message !== undefined) unpublished.push({ isDenied: true, message, index: 0, ms: outcome!.ms });
    }
  }
  return { unpublished, annotations };
}

function unpublishable(expression: string, value: unknown): string | undefined {
  const type = typeOfValue(value as Value);
  if (type === stringType || type === nullType) return undefined;
  return `valueExpression '${expression}' resulted in unsupported return type: ${type.name}. Return type must be either string or null.`;
}

function publishable(text: string): string {
  const bytes = Buffer.from(text);
  return bytes.length > annotationBytesMax ? bytes.toString('utf8', 0, annotationBytesMax) : text;
}

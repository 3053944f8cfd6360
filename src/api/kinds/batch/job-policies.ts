/**
 * When a Job fails or succeeds early: podFailurePolicy by exit code and condition, successPolicy by index.
 */

import type {
  JobSpec,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyOnPodConditionsPattern,
  PodFailurePolicyRule,
  SuccessPolicyRule,
} from '../../generated/types.gen.ts';
import { checkField, checkNonNegative, checkOneOfIfGiven } from '../../validation/field-checks.ts';
import {
  duplicate,
  type FieldError,
  invalidValue,
  notSupported,
  required,
  tooLong,
  tooMany,
} from '../../validation/field-error.ts';
import { internalText } from '../../validation/internal-form.ts';
import { byteLength, qualifiedName } from '../../validation/validators.ts';
import { countIndexes, IndexesError } from './job-indexes.ts';

const rulesMax = 20;
const conditionsMax = 20;
const exitCodesMax = 255;
const indexesMaxBytes = 64 * 1024;

const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const operators = ['In', 'NotIn'];
const statuses = ['False', 'True', 'Unknown'];

/** As Go's `%q` prints a list. */
const listed = (values: readonly string[]) =>
  `valid values: [${values.map((value) => JSON.stringify(value)).join(' ')}]`;

export function validatePolicies(spec: JobSpec, path: string): FieldError[] {
  return [
    ...validateFailurePolicy(spec, `${path}.podFailurePolicy.rules`),
    ...validateSuccessPolicy(spec, `${path}.successPolicy`),
    ...validateReplacement(spec, `${path}.podReplacementPolicy`),
  ];
}

function validateReplacement({ podReplacementPolicy, podFailurePolicy }: JobSpec, at: string): FieldError[] {
  const choices = podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed'];
  return checkOneOfIfGiven(at, podReplacementPolicy, choices);
}

function validateFailurePolicy(spec: JobSpec, path: string): FieldError[] {
  const rules = spec.podFailurePolicy?.rules ?? [];
  const errors = rules.length > rulesMax ? [tooMany(path, rules.length, rulesMax)] : [];
  const { containers, initContainers = [] } = spec.template?.spec ?? {};
  const names = new Set([...(containers ?? []), ...initContainers].map(({ name }) => name));
  return [...errors, ...rules.flatMap((rule, i) => validateFailureRule(spec, rule, names, `${path}[${i}]`))];
}

function validateFailureRule(
  spec: JobSpec,
  { action, onExitCodes, onPodConditions = [] }: PodFailurePolicyRule,
  names: ReadonlySet<string>,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if (!action) errors.push(required(`${path}.action`, listed(actions)));
  else if (!actions.includes(action)) errors.push(notSupported(`${path}.action`, action, actions));
  else if (action === 'FailIndex' && spec.backoffLimitPerIndex === undefined) {
    errors.push(invalidValue(`${path}.action`, action, 'requires the backoffLimitPerIndex to be set'));
  }
  if (onExitCodes) errors.push(...validateExitCodes(onExitCodes, names, `${path}.onExitCodes`));
  errors.push(...validateConditions(onPodConditions, `${path}.onPodConditions`));
  const isOne = (onExitCodes !== undefined) !== onPodConditions.length > 0;
  if (isOne) return errors;
  const text = onExitCodes
    ? 'specifying both OnExitCodes and OnPodConditions is not supported'
    : 'specifying one of OnExitCodes and OnPodConditions is required';
  return [...errors, { type: 'FieldValueInvalid', field: path, detail: text, omitsValue: true }];
}

function validateConditions(
  patterns: readonly PodFailurePolicyOnPodConditionsPattern[],
  path: string,
): FieldError[] {
  const errors = patterns.length > conditionsMax ? [tooMany(path, patterns.length, conditionsMax)] : [];
  for (const [i, { type, status }] of patterns.entries()) {
    errors.push(...checkField(`${path}[${i}].type`, type, qualifiedName));
    if (!status) errors.push(required(`${path}[${i}].status`, listed(statuses)));
    else if (!statuses.includes(status)) errors.push(notSupported(`${path}[${i}].status`, status, statuses));
  }
  return errors;
}

function validateExitCodes(
  { operator, containerName, values: codes }: PodFailurePolicyOnExitCodesRequirement,
  names: ReadonlySet<string>,
  path: string,
): FieldError[] {
  const values = codes ?? [];
  const errors: FieldError[] = [];
  if (!operator) errors.push(required(`${path}.operator`, listed(operators)));
  else if (!operators.includes(operator)) errors.push(notSupported(`${path}.operator`, operator, operators));
  if (containerName !== undefined && !names.has(containerName)) {
    const text = 'must be one of the container or initContainer names in the pod template';
    errors.push(invalidValue(`${path}.containerName`, containerName, text));
  }
  const at = `${path}.values`;
  if (values.length === 0) errors.push(invalidValue(at, codes, 'at least one value is required'));
  else if (values.length > exitCodesMax) errors.push(tooMany(at, values.length, exitCodesMax));
  const seen = new Set<number>();
  for (const [i, value] of values.entries()) {
    if (operator === 'In' && value === 0) {
      errors.push(invalidValue(`${at}[${i}]`, value, 'must not be 0 for the In operator'));
    }
    if (seen.has(value)) errors.push(duplicate(`${at}[${i}]`, value));
    seen.add(value);
  }
  const isOrdered = values.every((value, i) => i === 0 || values[i - 1]! <= value);
  return isOrdered ? errors : [...errors, invalidValue(at, values, 'must be ordered')];
}

function validateSuccessPolicy(spec: JobSpec, path: string): FieldError[] {
  if (!spec.successPolicy) return [];
  if (spec.completionMode !== 'Indexed') {
    const shown = internalText(spec.successPolicy, 'batch.SuccessPolicy');
    return [invalidValue(path, shown, 'requires indexed completion mode')];
  }
  const rules = spec.successPolicy.rules ?? [];
  const at = `${path}.rules`;
  const errors: FieldError[] = [];
  if (rules.length === 0) {
    errors.push(required(at, 'at least one rules must be specified when the successPolicy is specified'));
  }
  if (rules.length > rulesMax) errors.push(tooMany(at, rules.length, rulesMax));
  return [...errors, ...rules.flatMap((rule, i) => validateSuccessRule(spec, rule, `${at}[${i}]`))];
}

function validateSuccessRule(
  { completions = 0 }: JobSpec,
  { succeededCount, succeededIndexes }: SuccessPolicyRule,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if (succeededCount === undefined && succeededIndexes === undefined) {
    errors.push(required(path, 'at least one of succeededCount or succeededIndexes must be specified'));
  }
  let indexes: number | undefined;
  if (succeededIndexes !== undefined) {
    const at = `${path}.succeededIndexes`;
    if (byteLength(succeededIndexes) > indexesMaxBytes) errors.push(tooLong(at, indexesMaxBytes));
    const counted = countOf(succeededIndexes, completions);
    if (typeof counted === 'number') indexes = counted;
    else {
      const text = `error parsing succeededIndexes: ${counted.message}`;
      errors.push(invalidValue(at, succeededIndexes, text));
    }
  }
  if (succeededCount === undefined) return errors;
  const at = `${path}.succeededCount`;
  errors.push(...checkNonNegative(at, succeededCount));
  const notAbove = (most: number, what: string) => {
    if (succeededCount <= most) return;
    errors.push(invalidValue(at, succeededCount, `must be less than or equal to ${most} (${what})`));
  };
  notAbove(completions, 'the number of specified completions');
  if (succeededIndexes !== undefined) {
    notAbove(indexes ?? 0, 'the number of indexes in the specified succeededIndexes field');
  }
  return errors;
}

function countOf(text: string, completions: number): number | IndexesError {
  try {
    return countIndexes(text, completions);
  } catch (error) {
    if (error instanceof IndexesError) return error;
    throw error;
  }
}

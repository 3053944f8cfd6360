/** The arguments of the plugin NodeAffinity: an affinity that every pod of the profile has beside its own. */

import type { NodeAffinity, NodeSelectorRequirement, NodeSelectorTerm } from '../../generated/types.gen.ts';
import { checkField } from '../../validation/field-checks.ts';
import { type FieldError, invalidValue, notSupported } from '../../validation/field-error.ts';
import { labelValue, qualifiedName } from '../../validation/validators.ts';
import type { ConfigTypes } from '../config-file.ts';

const hard = 'requiredDuringSchedulingIgnoredDuringExecution';
const soft = 'preferredDuringSchedulingIgnoredDuringExecution';

export interface NodeAffinityArguments {
  readonly addedAffinity?: NodeAffinity;
}

export const nodeAffinityTypes: ConfigTypes = {
  NodeAffinityArgs: { addedAffinity: '#NodeAffinity' },
  NodeAffinity: { [hard]: '#NodeSelector', [soft]: '[]#PreferredSchedulingTerm' },
  NodeSelector: { nodeSelectorTerms: '[]#NodeSelectorTerm' },
  PreferredSchedulingTerm: { weight: 'int32', preference: '#NodeSelectorTerm' },
  NodeSelectorTerm: {
    matchExpressions: '[]#NodeSelectorRequirement',
    matchFields: '[]#NodeSelectorRequirement',
  },
  NodeSelectorRequirement: { key: 'string', operator: 'string', values: '[]string' },
};

const operators = ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'];
const fieldOperators = ['In', 'NotIn'];

/** In the words of upstream's parser of node selectors; `at` is the field of the arguments. */
export function nodeAffinityErrors({ addedAffinity }: NodeAffinityArguments, at: string): FieldError[] {
  const terms = addedAffinity?.[hard]?.nodeSelectorTerms ?? [];
  const preferred = addedAffinity?.[soft] ?? [];
  const hardAt = `${at}.addedAffinity.${hard}.nodeSelectorTerms`;
  return [
    ...terms.flatMap((term, i) => termErrors(term, `${hardAt}[${i}]`)),
    ...preferred.flatMap(({ weight, preference = {} }, i) =>
      weight ? termErrors(preference, `${at}.addedAffinity.${soft}[${i}]`) : [],
    ),
  ];
}

function termErrors({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, at: string): FieldError[] {
  return [
    ...matchExpressions.flatMap((each, i) => expressionErrors(each, `${at}.matchExpressions[${i}]`)),
    ...matchFields.flatMap((each, i) => matchFieldErrors(each, `${at}.matchFields[${i}]`)),
  ];
}

function expressionErrors(expression: NodeSelectorRequirement, at: string): FieldError[] {
  const { key = '', operator = '', values = [] } = expression;
  if (!operators.includes(operator)) return [notSupported(`${at}.operator`, operator, operators)];
  const refused = valuesRefusal(operator, values);
  return [
    ...checkField(`${at}.key`, key, qualifiedName),
    ...(refused ? [invalidValue(`${at}.values`, values, refused)] : []),
    ...values.flatMap((value, i) => valueErrors(operator, value, `${at}.values[${i}]`)),
  ];
}

function valuesRefusal(operator: string, { length }: readonly string[]): string | undefined {
  if (operator === 'In' || operator === 'NotIn') {
    return length === 0 ? "for 'in', 'notin' operators, values set can't be empty" : undefined;
  }
  if (operator === 'Gt' || operator === 'Lt') {
    return length === 1 ? undefined : "for 'Gt', 'Lt' operators, exactly one value is required";
  }
  return length === 0 ? undefined : 'values set must be empty for exists and does not exist';
}

function valueErrors(operator: string, value: string, at: string): FieldError[] {
  const isNumeric = operator === 'Gt' || operator === 'Lt';
  const detail = "for 'Gt', 'Lt' operators, the value must be an integer";
  return [
    ...(isNumeric && !/^[+-]?\d+$/.test(value) ? [invalidValue(at, value, detail)] : []),
    ...checkField(at, value, labelValue),
  ];
}

function matchFieldErrors({ operator = '', values = [] }: NodeSelectorRequirement, at: string): FieldError[] {
  if (!fieldOperators.includes(operator)) return [notSupported(`${at}.operator`, operator, fieldOperators)];
  return values.length === 1 ? [] : [invalidValue(`${at}.values`, values, 'must have one element')];
}

/** Label selectors: parsed with upstream's errors, matched fast, written back in canonical form. */

import { ownValue } from '#base/own-value.ts';
import type { LabelSelector, LabelSelectorRequirement } from '../generated/types.gen.ts';
import { parseInt64 } from '../go/integers.ts';
import { byKey, parseLabelRequirements } from './parser.ts';
import { type Requirement, SelectorError, type SelectorOperator } from './requirement.ts';

export type Labels = Readonly<Record<string, string>>;

/** All requirements must match; an empty selector matches everything. */
export interface Selector {
  readonly requirements: readonly Requirement[];
  readonly matchesEverything: boolean;
  matches(labels: Labels | undefined): boolean;
  toString(): string;
}

/** Throws `SelectorError`. Undefined and empty match everything. */
export function parseLabelSelector(text: string | undefined): Selector {
  return selectorOf(text ? parseLabelRequirements(text) : []);
}

export function selectorOf(requirements: readonly Requirement[]): Selector {
  const tests = requirements.map(testOf);
  const first = tests[0];
  return {
    requirements,
    matchesEverything: tests.length === 0,
    matches(labels = none) {
      if (first === undefined) return true;
      if (tests.length === 1) return first(labels);
      for (const holds of tests) if (!holds(labels)) return false;
      return true;
    },
    toString: () => requirements.map(requirementText).join(','),
  };
}

/** Exactly these labels: a Service's or ReplicationController's selector. */
export function selectorFromSet(set: Labels | undefined): Selector {
  const keys = Object.keys(set ?? none).sort();
  return selectorOf(keys.map((key) => ({ key, operator: '=', values: [set![key]!] })));
}

const none: Labels = {};
const nothing: Selector = {
  requirements: [],
  matchesEverything: false,
  matches: () => false,
  toString: () => '',
};

/** As `LabelSelectorAsSelector`: absent matches nothing, empty matches everything. Throws `SelectorError`. */
export function selectorFromLabelSelector(selector: LabelSelector | undefined | null): Selector {
  if (!selector) return nothing;
  const requirements: Requirement[] = Object.keys(selector.matchLabels ?? none)
    .sort()
    .map((key) => ({ key, operator: '=', values: [selector.matchLabels![key]!] }));
  for (const expression of selector.matchExpressions ?? []) {
    const requirement = requirementOf(expression);
    if (requirement) requirements.push(requirement);
    else throw new SelectorError(`"${expression.operator}" is not a valid label selector operator`);
  }
  return selectorOf(requirements.sort(byKey));
}

/** Undefined for an unknown operator. */
export function requirementOf({
  key,
  operator,
  values = [],
}: LabelSelectorRequirement): Requirement | undefined {
  const known = ownValue(expressionOperators, operator);
  return known && { key, operator: known, values };
}

const expressionOperators: Record<string, SelectorOperator> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
  Gt: 'gt',
  Lt: 'lt',
};

/** Upstream's text for a LabelSelector: `<none>` when absent or empty. */
export function formatLabelSelector(selector: LabelSelector | undefined): string {
  if (!selector) return '<none>';
  return selectorFromLabelSelector(selector).toString() || '<none>';
}

/** A label may be called `constructor`, which every object inherits. */
function testOf(requirement: Requirement): (labels: Labels) => boolean {
  const test = testOfOwn(requirement);
  if (!(requirement.key in Object.prototype)) return test;
  return (labels) => test({ __proto__: null, ...labels } as unknown as Labels);
}

function testOfOwn({ key, operator, values }: Requirement): (labels: Labels) => boolean {
  const value = values[0];
  switch (operator) {
    case '=':
    case '==':
      return (labels) => labels[key] === value;
    case '!=':
      return (labels) => labels[key] !== value;
    case 'in':
      return (labels) => labels[key] !== undefined && values.includes(labels[key]);
    case 'notin':
      return (labels) => labels[key] === undefined || !values.includes(labels[key]);
    case 'exists':
      return (labels) => labels[key] !== undefined;
    case '!':
      return (labels) => labels[key] === undefined;
    case 'gt':
      return integerTest(key, value, (label, bound) => label > bound);
    case 'lt':
      return integerTest(key, value, (label, bound) => label < bound);
  }
}

/**
 * A value that is not an integer, on either side, does not match: 1.5 is neither greater than 1 nor less than
 * 2.
 */
function integerTest(
  key: string,
  value: string | undefined,
  compare: (label: bigint, bound: bigint) => boolean,
): (labels: Labels) => boolean {
  const bound = integerOf(value);
  if (bound === undefined) return () => false;
  return (labels) => {
    const label = integerOf(labels[key]);
    return label !== undefined && compare(label, bound);
  };
}

function integerOf(text: string | undefined): bigint | undefined {
  const integer = parseInt64(text ?? '');
  return typeof integer === 'bigint' ? integer : undefined;
}

function requirementText({ key, operator, values }: Requirement): string {
  if (operator === 'exists') return key;
  if (operator === '!') return `!${key}`;
  if (operator === 'gt') return `${key}>${values[0]}`;
  if (operator === 'lt') return `${key}<${values[0]}`;
  if (operator === 'in' || operator === 'notin') {
    return `${key} ${operator} (${[...values].sort().join(',')})`;
  }
  return `${key}${operator}${values[0]}`;
}

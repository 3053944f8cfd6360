/**
 * Rejects a definition that would take too long to compile: upstream accepts as many patterns and rules as fit into
 * an object. The limits are many times what any known definition has.
 */

import { LimitExceeded } from '#wire/json/values-limit.ts';
import type { CustomResourceDefinitionSpec, JSONSchemaProps } from '../../generated/types.gen.ts';
import { compiledSize } from '../validate/expression-size.ts';
import { schemasBelow } from './structure.ts';

interface Cost {
  versions: number;
  schemas: number;
  /** Required names, and defaults, each of which is validated. */
  fields: number;
  /** Instructions of regular expressions: each is compiled once, however many fields have it. */
  patterns: number;
  /** Characters of CEL rules, and a constant for each rule. */
  rules: number;
  /** Each is written to the status too, which must have room for them. */
  names: number;
}

const most: Readonly<Record<keyof Cost, readonly [number, string]>> = {
  versions: [200, 'versions'],
  schemas: [20_000, 'schemas'],
  fields: [20_000, 'required names and four times its defaults'],
  patterns: [100_000, 'instructions of patterns'],
  rules: [200_000, 'characters of validation rules'],
  names: [1000, 'short names and categories'],
};
/** The constant cost of compiling a pattern or a rule. */
const patternCost = 80;
const ruleCost = 80;
/** A default costs as much as some required names. */
const defaultCost = 4;

/** Costs that `old` has already are allowed. Throws `LimitExceeded`. */
export function refuseExpensive(
  spec: CustomResourceDefinitionSpec,
  old?: CustomResourceDefinitionSpec,
): void {
  const cost = costOf(spec);
  for (const name of ['versions', 'schemas', 'fields', 'patterns', 'rules', 'names'] as const) {
    const [max, what] = most[name];
    if (cost[name] > max && !(old && cost[name] <= costOf(old)[name])) {
      throw new LimitExceeded(`more than ${max} ${what}`);
    }
  }
}

function costOf({ versions = [], names }: CustomResourceDefinitionSpec): Cost {
  const { shortNames = [], categories = [] } = names ?? {};
  const cost = {
    versions: versions.length,
    schemas: 0,
    fields: 0,
    patterns: 0,
    rules: 0,
    names: shortNames.length + categories.length,
  };
  const patterns = new Set<string>();
  for (const { schema } of versions) if (schema?.openAPIV3Schema) add(schema.openAPIV3Schema, cost, patterns);
  for (const pattern of patterns) cost.patterns += patternCost + compiledSize(pattern);
  return cost;
}

function add(schema: JSONSchemaProps, cost: Cost, patterns: Set<string>): void {
  cost.schemas += 1;
  cost.fields += (schema.required?.length ?? 0) + (schema.default === undefined ? 0 : defaultCost);
  if (schema.pattern) patterns.add(schema.pattern);
  for (const { rule = '', messageExpression = '' } of schema['x-kubernetes-validations'] ?? []) {
    cost.rules += ruleCost + rule.length + messageExpression.length;
  }
  for (const below of schemasBelow(schema)) add(below, cost, patterns);
}

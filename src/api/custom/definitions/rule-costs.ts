/**
 * Compiles the expressions of x-kubernetes-validations, and rejects a rule, and rules that together, are estimated
 * to cost too much.
 */

import { bodyBytesMax } from '#wire/json/values-limit.ts';
import { costMax } from '../../cel/contract.ts';
import type { JSONSchemaProps } from '../../generated/types.gen.ts';
import { type FieldError, forbiddenField, invalidValue } from '../../validation/field-error.ts';
import { internalText } from '../../validation/internal-form.ts';
import { type CompiledRule, compileRule } from '../rules/compile-rule.ts';
import { hasRules, type RuleTree, ruleTreeOf } from '../rules/rule-tree.ts';
import { type StructuralSchema, structuralSchema } from '../structural-schema.ts';

const ruleCostMax = 10_000_000;
const schemaCostMax = 100_000_000;

interface Expense {
  readonly path: string;
  readonly cost: number;
}

/** `isUnchanged`: whether the old definition has the same schema, whose rules may exceed the limit. */
export function validateRuleCosts(
  schema: JSONSchemaProps,
  path: string,
  isUnchanged: () => boolean,
): FieldError[] {
  const tree = hasRules(schema) ? ruleTreeOf(structuralSchema(schema), true) : undefined;
  if (!tree) return [];
  const costs = new Costs(isUnchanged());
  costs.tree(tree, path, 1);
  return [...costs.errors, ...costs.overTotal(path)];
}

class Costs {
  readonly errors: FieldError[] = [];
  readonly #expenses: Expense[] = [];
  readonly #isUnchanged: boolean;

  constructor(isUnchanged: boolean) {
    this.#isUnchanged = isUnchanged;
  }

  /** `times`: how many of these values an object has at most; undefined if unbounded. */
  tree(tree: RuleTree, path: string, times: number | undefined, uncorrelated?: string): void {
    const below = times === undefined ? undefined : product(times, elementsMax(tree.schema));
    for (const [i, rule] of tree.rules.entries()) {
      const at = `${path}.x-kubernetes-validations[${i}]`;
      this.#rule(compileRule(rule, tree.type), at, times ?? timesFitting(tree), uncorrelated);
    }
    for (const [name, property] of tree.properties) {
      this.tree(property, `${path}.properties[${name}]`, below, uncorrelated);
    }
    if (tree.additional) this.tree(tree.additional, `${path}.additionalProperties`, below, uncorrelated);
    if (!tree.items) return;
    const isMap = tree.schema.listType === 'map';
    this.tree(tree.items, `${path}.items`, below, uncorrelated ?? (isMap ? undefined : path));
  }

  #rule(compiled: CompiledRule, path: string, times: number, uncorrelated: string | undefined): void {
    const { rule, program, problem, message, messageProblem, readsOldSelf } = compiled;
    if (program) {
      this.#expense(`${path}.rule`, 'estimated rule cost', product(program.estimateCost().max, times));
    }
    if (problem !== undefined) this.errors.push(invalidValue(`${path}.rule`, shown(rule), problem));
    if (messageProblem !== undefined) {
      this.errors.push(invalidValue(`${path}.messageExpression`, shown(rule), messageProblem));
    }
    if (message) {
      this.#expense(
        `${path}.messageExpression`,
        'estimated messageExpression cost',
        message.estimateCost().max,
      );
    }
    if (readsOldSelf && uncorrelated !== undefined) {
      const text = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelated}`;
      this.errors.push(invalidValue(`${path}.rule`, rule.rule, text));
    } else if (!readsOldSelf && rule.optionalOldSelf !== undefined) {
      const text = 'may not be set if oldSelf is not used in rule';
      this.errors.push(invalidValue(`${path}.optionalOldSelf`, rule.optionalOldSelf, text));
    }
  }

  #expense(path: string, noun: string, cost: number): void {
    this.#expenses.push({ path, cost });
    if (!this.#isUnchanged && cost > ruleCostMax) {
      this.errors.push(forbiddenField(path, exceeds(noun, cost, ruleCostMax)));
    }
  }

  overTotal(path: string): FieldError[] {
    const total = this.#expenses.reduce((sum, { cost }) => Math.min(sum + cost, costMax), 0);
    if (total <= schemaCostMax) return [];
    const text = 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema';
    const noun = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema';
    const expensive = this.#expenses.filter(({ cost }) => cost >= schemaCostMax / 100);
    return [
      ...expensive
        .sort((a, b) => b.cost - a.cost)
        .slice(0, 4)
        .map((expense) => forbiddenField(expense.path, text)),
      forbiddenField(path, exceeds(noun, total, schemaCostMax)),
    ];
  }
}

function product(a: number, b: number | undefined): number;
function product(a: number, b: number | undefined): number | undefined {
  return b === undefined ? undefined : Math.min(a * b, costMax);
}

function elementsMax({ type, additional, source }: StructuralSchema): number | undefined {
  if (type === 'array') return atLeast0(source.maxItems);
  return type === 'object' && additional !== undefined ? atLeast0(source.maxProperties) : 1;
}

function atLeast0(max: number | undefined): number | undefined {
  return max === undefined ? undefined : Math.max(max, 0);
}

/** How many values of this type fit into a request. */
function timesFitting({ type }: RuleTree): number {
  return Math.floor(bodyBytesMax / ((type.facts.minSerializedSize ?? 0) + 1));
}

function exceeds(noun: string, cost: number, limit: number): string {
  const factor = cost / limit;
  const times =
    factor > 100 ? 'more than 100x' : factor < 1.5 ? `${factor.toFixed(6)}x` : `${factor.toFixed(1)}x`;
  return `${noun} exceeds budget by factor of ${times} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`;
}

const shown = (rule: CompiledRule['rule']) => internalText(rule, 'apiextensions.ValidationRule');

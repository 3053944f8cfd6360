/** Evaluates the CEL rules of a custom resource for an object and the object it replaces, within a cost budget. */

import { lazily } from '#base/lazily.ts';
import { equalJson } from '#wire/json/canonical.ts';
import { isJsonObject, type JsonObject } from '#wire/json/value.ts';
import { costLimits } from '../../cel/contract.ts';
import type { ValidationRule } from '../../generated/types.gen.ts';
import {
  duplicate,
  type FieldError,
  forbiddenField,
  invalidValue,
  required,
} from '../../validation/field-error.ts';
import { findField } from '../field-path.ts';
import type { StructuralSchema } from '../structural-schema.ts';
import { correlatedItems, fieldOf, type Old } from '../validate/old-values.ts';
import { type CompiledRule, compileRule } from './compile-rule.ts';
import { type RuleTree, ruleTreeOf } from './rule-tree.ts';

export interface RuleRun {
  readonly errors: FieldError[];
  /** Of unchanged values that violate a rule: they are accepted. */
  readonly warnings: FieldError[];
}

export interface Rules {
  run(object: JsonObject, old: JsonObject | undefined): RuleRun;
}

/** Undefined for a schema without rules. */
export function rulesOf(schema: StructuralSchema): Rules | undefined {
  const tree = ruleTreeOf(schema, true);
  return tree && { run: (object, old) => new Run().of(tree, object, old) };
}

const compiledRules = new WeakMap<RuleTree, readonly CompiledRule[]>();

function compiled(tree: RuleTree): readonly CompiledRule[] {
  let rules = compiledRules.get(tree);
  if (!rules) {
    rules = tree.rules.map((rule) => compileRule(rule, tree.type));
    compiledRules.set(tree, rules);
  }
  return rules;
}

/** The budget is spent: as upstream, no further rules are evaluated. */
class OutOfBudget extends Error {}

const messageMaxBytes = 5 * 1024;

class Run {
  readonly #errors: FieldError[] = [];
  readonly #warnings: FieldError[] = [];
  #budget: number = costLimits.object;

  of(tree: RuleTree, object: JsonObject, old: JsonObject | undefined): RuleRun {
    try {
      this.#value(tree, object, '', old && { value: old }, old && { value: old });
    } catch (error) {
      if (!(error instanceof OutOfBudget)) throw error;
    }
    return { errors: this.#errors, warnings: this.#warnings };
  }

  /** `old`: the value's `oldSelf`; `unchanged`: the old value that it is compared with. */
  #value(
    tree: RuleTree,
    value: unknown,
    path: string,
    old: Old | undefined,
    unchanged: Old | undefined,
  ): void {
    if (value === null || value === undefined) return;
    const isUnchanged = lazily(() => unchanged !== undefined && equalJson(value, unchanged.value));
    for (const rule of compiled(tree)) this.#rule(rule, tree, value, path, old, isUnchanged);
    for (const within of tree.within) this.#value(within, value, path, old, unchanged);
    if (Array.isArray(value)) this.#items(tree, value, path, old);
    else if (isJsonObject(value)) this.#fields(tree, value, path, old);
  }

  #items(tree: RuleTree, list: readonly unknown[], path: string, old: Old | undefined): void {
    const { items } = tree;
    if (!items) return;
    const oldOf = old && correlatedItems(tree.schema.source, list, old);
    list.forEach((item, i) => {
      const oldItem = oldOf?.(i);
      this.#value(items, item, `${path}[${i}]`, oldItem, oldItem);
    });
  }

  #fields(tree: RuleTree, object: JsonObject, path: string, old: Old | undefined): void {
    for (const name in object) {
      const property = tree.properties.get(name);
      const at = path === '' ? name : `${path}.${name}`;
      const oldField = old && fieldOf(old, name);
      if (property) this.#value(property, object[name], at, oldField, oldField);
      else if (tree.additional && !tree.schema.properties.has(name)) {
        this.#value(tree.additional, object[name], `${path}[${name}]`, oldField, oldField);
      }
    }
  }

  #rule(
    { rule, program, problem, message, readsOldSelf }: CompiledRule,
    { schema }: RuleTree,
    self: unknown,
    path: string,
    old: Old | undefined,
    isUnchanged: () => boolean,
  ): void {
    if (problem !== undefined) {
      this.#errors.push(invalidValue(path, schema.type, `rule compile error: ${problem}`));
      return;
    }
    if (!program) return;
    const oldSelf = old?.value ?? undefined;
    if (readsOldSelf && oldSelf === undefined && !rule.optionalOldSelf) return;
    if (this.#budget <= 0) this.#stop(path, schema, outOfBudget);
    const bindings = { self, oldSelf };
    const result = program.evaluate(bindings, costLimits.call);
    if (result.cost > this.#budget) this.#stop(path, schema, outOfBudget);
    this.#budget -= result.cost;
    if (!result.ok) {
      const text = evaluationProblem(result.error, rule);
      if (result.isOverLimit) this.#stop(path, schema, text);
      this.#errors.push(invalidValue(path, schema.type, text));
      return;
    }
    if (result.value === true) return;
    const at = fieldOfRule(rule, schema, path);
    const detail = message && this.#message(message, bindings, at, schema);
    const error = errorFor(rule, at, self, schema, detail ?? messageOf(rule));
    if (!readsOldSelf && isUnchanged()) this.#warnings.push(error);
    else this.#errors.push(error);
  }

  /** Undefined if the expression fails, or its text is empty, too long or of several lines. */
  #message(
    program: NonNullable<CompiledRule['message']>,
    bindings: Readonly<Record<string, unknown>>,
    path: string,
    schema: StructuralSchema,
  ): string | undefined {
    const result = program.evaluate(bindings, costLimits.call);
    if (result.cost > this.#budget) {
      this.#stop(path, schema, `messageExpression evaluation failed due to ${runOut}`);
    }
    if (!result.ok && result.isOverLimit) {
      const text =
        'no further validation rules will be run due to call cost exceeds limit for messageExpression';
      this.#stop(path, schema, `${text}: ${JSON.stringify(program.expression)}`);
    }
    this.#budget -= result.cost;
    const text = result.ok && typeof result.value === 'string' ? result.value.trim() : '';
    return text === '' || text.includes('\n') || Buffer.byteLength(text) > messageMaxBytes ? undefined : text;
  }

  #stop(path: string, { type }: StructuralSchema, text: string): never {
    this.#errors.push(invalidValue(path, type, text));
    throw new OutOfBudget();
  }
}

const runOut = 'running out of cost budget, no further validation rules will be run';
const outOfBudget = `validation failed due to ${runOut}`;

function ruleText({ rule, message }: ValidationRule): string {
  return (message || rule).trim();
}

function messageOf({ rule, message }: ValidationRule): string {
  return message ? message.trim() : `failed rule: ${rule.trim()}`;
}

function evaluationProblem(error: string, rule: ValidationRule): string {
  const expression = ruleText(rule);
  if (error.startsWith('no such overload')) {
    return `'${error}': call arguments did not match a supported operator, function or macro signature for rule: ${expression}`;
  }
  if (error.startsWith('operation cancelled: actual cost limit exceeded')) {
    return `'${error}': no further validation rules will be run due to call cost exceeds limit for rule: ${expression}`;
  }
  return `${error} evaluating rule: ${expression}`;
}

function fieldOfRule({ fieldPath }: ValidationRule, schema: StructuralSchema, path: string): string {
  const found = fieldPath ? findField(fieldPath, schema.source) : undefined;
  if (found === undefined || typeof found === 'string') return path;
  return path === '' ? found.path : `${path}.${found.path}`;
}

function errorFor(
  { reason }: ValidationRule,
  path: string,
  self: unknown,
  { type }: StructuralSchema,
  detail: string,
): FieldError {
  // Upstream's path of the object itself.
  const at = path === '' ? '<nil>' : path;
  const isWhole = type === 'object' || type === 'array';
  const omits = isWhole ? { omitsValue: true } : {};
  switch (reason) {
    case 'FieldValueForbidden':
      return forbiddenField(at, detail);
    case 'FieldValueRequired':
      return required(at, detail);
    case 'FieldValueDuplicate':
      return { ...duplicate(at, self), ...omits };
    default:
      return { ...invalidValue(at, self, detail), ...omits };
  }
}

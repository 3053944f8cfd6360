/** Estimates the cost range of an expression before it is evaluated, by the size bounds in the types of variables. */

import { type Checked, typeOf } from '../check/checked.ts';
import type { CelCost } from '../contract.ts';
import {
  type CallExpr,
  type ComprehensionExpr,
  type Expr,
  isPlainListOrMap,
  type ListExpr,
  type MapExpr,
  operators,
  type SelectExpr,
} from '../syntax/ast.ts';
import { type CelType, isOptional } from '../types/type.ts';
import { actualSize } from './actual-size.ts';
import { estimateCall } from './estimate-call.ts';
import { type CallEstimate, type CostNode, declaredSize } from './node.ts';
import { exactly, product, type Range, sum, union, unknown } from './range.ts';

const unit = exactly(1);
const free = exactly(0);

export function estimate(checked: Checked): CelCost {
  return new Estimator(checked).cost(checked.expr);
}

/** Undefined for an expression that selects nothing from a variable. */
type Declared = CelType | null | undefined;

/** Sizes of the elements of a list or a map. */
interface EntrySizes {
  readonly isMap: boolean;
  readonly key: Range;
  readonly value: Range;
}

interface LocalVariable {
  readonly declared: Declared;
  readonly size: Range | undefined;
  readonly entries: EntrySizes | undefined;
}

class Estimator {
  readonly #checked: Checked;
  readonly #sizes = new Map<Expr, Range>();
  readonly #entries = new Map<Expr, EntrySizes>();
  /** The type that a schema declares for the selected value; null if it is not declared. */
  readonly #declared = new Map<Expr, CelType | null>();
  readonly #locals: (readonly [name: string, variable: LocalVariable])[] = [];

  constructor(checked: Checked) {
    this.#checked = checked;
  }

  cost(expr: Expr): Range {
    switch (expr.kind) {
      case 'literal':
        return free;
      case 'ident':
        return this.#ident(expr, expr.name);
      case 'select':
        return this.#checked.names.has(expr)
          ? this.#ident(expr, this.#checked.names.get(expr)!)
          : this.#select(expr);
      case 'call':
        return this.#call(expr);
      case 'list':
        return this.#list(expr);
      case 'map':
        return this.#map(expr);
      case 'object':
        return sum(exactly(40), ...expr.fields.map(({ value }) => this.cost(value)));
      case 'comprehension':
        return isBinding(expr) ? this.#binding(expr) : this.#loop(expr);
    }
  }

  #ident(expr: Expr, name: string): Range {
    const local = this.#local(name);
    // As upstream: every name in a rule counts as its root `self`, even names of types.
    const variable = this.#checked.environment.variables.get(name) ?? this.#root();
    const type = variable !== undefined && isOptional(variable) ? variable.parameters[0] : variable;
    this.#declare(expr, local === undefined ? type : local.declared);
    return unit;
  }

  #root(): CelType | undefined {
    return this.#checked.environment.variables.get('self');
  }

  #select(expr: SelectExpr): Range {
    const operand = this.cost(expr.operand);
    if (expr.isTest) return operand;
    this.#declare(expr, fieldOf(this.#declared.get(expr.operand), expr.field));
    const { kind } = typeOf(this.#checked, expr.operand);
    return kind === 'map' || kind === 'struct' || kind === 'type_param' ? sum(operand, unit) : operand;
  }

  #call(expr: CallExpr): Range {
    const { name, isMethod } = this.#checked.functions.get(expr)!;
    if (name === 'dyn') return this.#dyn(expr);
    const argCosts = expr.args.map((arg) => this.cost(arg));
    const args = expr.args.map((arg) => this.#node(arg));
    const ids = name === operators.optionalSelect ? ['select_optional_field'] : this.#overloadsOf(expr);
    const targetCost = isMethod ? this.cost(expr.target!) : free;
    const target = isMethod ? this.#node(expr.target!) : undefined;
    let cost: Range | undefined;
    let size: Range | undefined;
    for (const id of ids) {
      const estimated = this.#overload(expr, name, id, target, args, argCosts);
      cost = cost === undefined ? estimated.cost : union(cost, estimated.cost);
      if (estimated.size !== undefined) {
        size = size === undefined ? estimated.size : union(size, estimated.size);
      }
      size = this.#selected(expr, id, size) ?? this.#sizeOf(expr);
    }
    if (cost === undefined) return free;
    if (size !== undefined) this.#sizes.set(expr, size);
    return sum(targetCost, cost);
  }

  #overloadsOf(expr: CallExpr): string[] {
    return (this.#checked.overloads.get(expr) ?? []).map(({ id }) => id);
  }

  /** The path of `list[i]` and `map[key]` continues with their elements. */
  #selected(expr: CallExpr, id: string, size: Range | undefined): Range | undefined {
    if (id !== 'index_list' && id !== 'index_map') return size;
    const [container] = expr.args;
    this.#declare(expr, elementOf(this.#declared.get(container!)));
    return this.#entriesOf(container!)?.value;
  }

  /** With the cost of the arguments. */
  #overload(
    expr: CallExpr,
    name: string,
    id: string,
    target: CostNode | undefined,
    args: readonly CostNode[],
    argCosts: readonly Range[],
  ): CallEstimate {
    const [first, second, third] = argCosts;
    if (id === 'logical_and' || id === 'logical_or') {
      return { cost: { min: first!.min, max: sum(first!, second!).max } };
    }
    const { cost, ...rest } = estimateCall(name, id, target, args);
    if (id === 'conditional') {
      this.#joinEntries(expr, expr.args[1]!, expr.args[2]!);
      return { cost: sum(first!, union(second!, third!)), ...rest };
    }
    if (id === 'add_list' || id === 'add_string' || id === 'add_bytes') {
      this.#joinEntries(expr, expr.args[0]!, expr.args[1]!);
    }
    return { cost: sum(cost, ...argCosts), ...rest };
  }

  #joinEntries(expr: Expr, first: Expr, second: Expr): void {
    const [left, right] = [this.#entriesOf(first), this.#entriesOf(second)];
    if (left === undefined || right === undefined) return;
    this.#entries.set(expr, {
      isMap: left.isMap,
      key: union(left.key, right.key),
      value: union(left.value, right.value),
    });
  }

  #dyn(expr: CallExpr): Range {
    const [arg] = expr.args;
    const cost = this.cost(arg!);
    this.#copySizes(expr, arg!);
    return sum(unit, cost);
  }

  #list(expr: ListExpr): Range {
    const costs = expr.elements.map((element) => this.cost(element));
    this.#entries.set(expr, { isMap: false, key: unit, value: this.#unionOfSizes(expr.elements) });
    return sum(exactly(10), ...costs);
  }

  #map(expr: MapExpr): Range {
    const costs = expr.entries.flatMap(({ key, value }) => [this.cost(key), this.cost(value)]);
    this.#entries.set(expr, {
      isMap: true,
      key: this.#unionOfSizes(expr.entries.map(({ key }) => key)),
      value: this.#unionOfSizes(expr.entries.map(({ value }) => value)),
    });
    return sum(exactly(30), ...costs);
  }

  #unionOfSizes(parts: readonly Expr[]): Range {
    const sizes = parts.map((part) => this.#sizeOf(part) ?? unknown);
    return sizes.length === 0 ? free : sizes.reduce(union);
  }

  #loop(expr: ComprehensionExpr): Range {
    const rangeCost = this.cost(expr.range);
    const initialCost = this.cost(expr.initial);
    this.#enter(expr.accumulator, this.#variableOf(expr.initial));
    this.#enterLoopVariables(expr);
    const perElement = sum(this.cost(expr.condition), this.cost(expr.step));
    this.#locals.pop();
    if (expr.secondVariable !== undefined) this.#locals.pop();
    const resultCost = this.cost(expr.result);
    this.#locals.pop();
    const count = this.#sizeOf(expr.range) ?? unknown;
    this.#setLoopSize(expr, count);
    return sum(rangeCost, initialCost, resultCost, product(count, perElement));
  }

  #setLoopSize(expr: ComprehensionExpr, count: Range): void {
    if (expr.initial.kind === 'literal') {
      const size = this.#sizeOf(expr.initial);
      if (size !== undefined) this.#sizes.set(expr, size);
    } else if (isPlainListOrMap(expr.initial)) {
      this.#sizes.set(expr, count);
      const entries = this.#entriesOf(expr.step);
      if (entries !== undefined) this.#entries.set(expr, entries);
    }
  }

  #enterLoopVariables(expr: ComprehensionExpr): void {
    const entries = this.#entriesOf(expr.range);
    const declared = this.#declared.get(expr.range);
    const isMap = entries === undefined ? typeOf(this.#checked, expr.range).kind !== 'list' : entries.isMap;
    // As upstream: elements of a list or map that is no variable count as the root of the rule.
    const inNothing = declared === undefined ? this.#root() : undefined;
    const ofKey = inNothing ?? (isMap ? keyOf(declared) : declared && null);
    const key = { declared: ofKey, size: entries?.key, entries: undefined };
    const value = { declared: inNothing ?? elementOf(declared), size: entries?.value, entries: undefined };
    if (expr.secondVariable === undefined) {
      this.#enter(expr.variable, isMap ? key : value);
      return;
    }
    this.#enter(expr.variable, key);
    this.#enter(expr.secondVariable, value);
  }

  #binding(expr: ComprehensionExpr): Range {
    const rangeCost = this.cost(expr.range);
    const initialCost = this.cost(expr.initial);
    this.#enter(expr.accumulator, this.#variableOf(expr.initial));
    const resultCost = this.cost(expr.result);
    this.#copySizes(expr, expr.result);
    this.#locals.pop();
    return sum(rangeCost, initialCost, resultCost);
  }

  #variableOf(expr: Expr): LocalVariable {
    return {
      declared: this.#declared.get(expr),
      size: this.#sizeOf(expr),
      entries: this.#entriesOf(expr),
    };
  }

  #enter(name: string, variable: LocalVariable): void {
    this.#locals.push([name, variable]);
  }

  #local(name: string): LocalVariable | undefined {
    return this.#locals.findLast(([each]) => each === name)?.[1];
  }

  #declare(expr: Expr, declared: Declared): void {
    if (declared !== undefined) this.#declared.set(expr, declared);
  }

  #node(expr: Expr): CostNode {
    return {
      type: typeOf(this.#checked, expr),
      expr,
      size: this.#sizeOf(expr),
      declared: this.#declared.get(expr) ?? undefined,
    };
  }

  #copySizes(to: Expr, from: Expr): void {
    const size = this.#sizeOf(from);
    const entries = this.#entriesOf(from);
    if (size !== undefined) this.#sizes.set(to, size);
    if (entries !== undefined) this.#entries.set(to, entries);
  }

  #sizeOf(expr: Expr): Range | undefined {
    const known = this.#sizes.get(expr) ?? writtenSize(expr);
    if (known !== undefined) return known;
    const declared = this.#declared.get(expr);
    const declaredBound = declared ? declaredSize(declared) : undefined;
    if (declaredBound !== undefined) return declaredBound;
    if (isScalar(typeOf(this.#checked, expr))) return unit;
    return expr.kind === 'ident' ? this.#local(expr.name)?.size : undefined;
  }

  #entriesOf(expr: Expr): EntrySizes | undefined {
    const known = this.#entries.get(expr);
    if (known !== undefined) return known;
    return expr.kind === 'ident' ? this.#local(expr.name)?.entries : undefined;
  }
}

/** A loop that never runs stands for a variable. */
const isBinding = ({ range, condition }: ComprehensionExpr) =>
  range.kind === 'list' &&
  range.elements.length === 0 &&
  condition.kind === 'literal' &&
  condition.value === false;

function writtenSize(expr: Expr): Range | undefined {
  if (expr.kind === 'literal') return exactly(actualSize(expr.value));
  if (expr.kind === 'list') return exactly(expr.elements.length);
  return expr.kind === 'map' ? exactly(expr.entries.length) : undefined;
}

const scalars = new Set(['bool', 'double', 'duration', 'int', 'timestamp', 'uint']);

function isScalar(type: CelType): boolean {
  return scalars.has(type.kind) || (isOptional(type) && isScalar(type.parameters[0]!));
}

function fieldOf(declared: Declared, field: string): Declared {
  if (!declared) return declared;
  return (declared.kind === 'struct' ? declared.fields?.get(field)?.type : undefined) ?? null;
}

function elementOf(declared: Declared): Declared {
  if (!declared) return declared;
  return (declared.kind === 'list' ? declared.parameters[0] : declared.parameters[1]) ?? null;
}

function keyOf(declared: Declared): Declared {
  if (!declared) return declared;
  return (declared.kind === 'map' ? declared.parameters[0] : undefined) ?? null;
}

/**
 * Turns a checked expression into a program: a tree of closures. Constants are computed once, here. A program counts
 * its cost as cel-go, so it has cel-go's forms: constants are free, selections make a chain, `x in [constants]` costs
 * no more than `x`.
 */

import type { Checked } from '../check/checked.ts';
import { typeOf } from '../check/checked.ts';
import { conversionNames } from '../library/standard/conversions.ts';
import {
  type CallExpr,
  type Expr,
  type ListExpr,
  type MapExpr,
  type ObjectExpr,
  operators,
  type SelectExpr,
} from '../syntax/ast.ts';
import { Optional } from '../values/optional.ts';
import { Regex } from '../values/regex.ts';
import { ErrorValue, isError, noSuchOverload, type Value } from '../values/value.ts';
import { type Attribute, ConditionalAttribute, type Qualifier, RootAttribute } from './attribute.ts';
import { planCall } from './call.ts';
import { familyRun, listRun, mapRun, objectRun } from './constructors.ts';
import { planEqual } from './equality.ts';
import { Frame, type Run } from './frame.ts';
import { planLoop } from './loop.ts';
import { inConstants } from './membership.ts';
import { computed, constant, type PartPlanner, type Plan, PlanError, runOf } from './planned.ts';
import type { Slots } from './slots.ts';

/** Throws `PlanError`. */
export function planProgram(checked: Checked, slots: Slots): Run {
  const planner = new Planner(checked, slots);
  return planner.run(checked.expr);
}

class Planner implements PartPlanner {
  readonly slots: Slots;
  readonly #checked: Checked;

  constructor(checked: Checked, slots: Slots) {
    this.#checked = checked;
    this.slots = slots;
  }

  /** The closure of an expression, with all of its cost. */
  run(expr: Expr): Run {
    return runOf(this.plan(expr));
  }

  plan(expr: Expr): Plan {
    switch (expr.kind) {
      case 'literal':
        return constant(expr.value);
      case 'ident':
        return this.#named(expr);
      case 'select':
        return this.#checked.names.has(expr) ? this.#named(expr) : this.#select(expr);
      case 'call':
        return this.#call(expr);
      case 'list':
        return this.#list(expr);
      case 'map':
        return this.#map(expr);
      case 'object':
        return this.#object(expr);
      case 'comprehension':
        return computed(planLoop(this, expr));
    }
  }

  #named(expr: Expr): Plan {
    const name = this.#checked.names.get(expr)!;
    const slot = this.slots.find(name);
    if (slot !== undefined) return { kind: 'attribute', attribute: new RootAttribute(slot) };
    const { environment } = this.#checked;
    // As upstream: such a type is known only in the literal of a value.
    if (environment.family?.find(name)) throw new PlanError(`reference to undefined type: ${name}`);
    const [type] = typeOf(this.#checked, expr).parameters;
    return constant(environment.type(name) ?? type ?? null);
  }

  #select(expr: SelectExpr): Plan {
    const operand = this.#attributeOf(expr.operand);
    if (expr.isTest) return computed(testRun(operand, expr.field));
    return this.#selected(operand, { key: () => expr.field, isOptional: false, cost: 1 });
  }

  #selected(attribute: Attribute, qualifier: Qualifier): Plan {
    return { kind: 'attribute', attribute: attribute.with(qualifier) };
  }

  /** An expression to select from: the attribute that it is, or a new root. */
  #attributeOf(expr: Expr): Attribute {
    const plan = this.plan(expr);
    return plan.kind === 'attribute' ? plan.attribute : new RootAttribute(runOf(plan));
  }

  #call(expr: CallExpr): Plan {
    const { name } = this.#checked.functions.get(expr)!;
    switch (name) {
      case operators.and:
        return computed(andRun(this.run(expr.args[0]!), this.run(expr.args[1]!)));
      case operators.or:
        return computed(orRun(this.run(expr.args[0]!), this.run(expr.args[1]!)));
      case operators.conditional:
        return this.#conditional(expr);
      case operators.equal:
      case operators.notEqual:
        return computed(
          planEqual(this.run(expr.args[0]!), this.run(expr.args[1]!), name === operators.equal),
        );
      case operators.index:
        return this.#index(expr, false);
      case operators.optionalIndex:
      case operators.optionalSelect:
        return this.#index(expr, true);
      case operators.in:
        return this.#in(expr);
      default:
        return this.#function(expr, name);
    }
  }

  #conditional(expr: CallExpr): Plan {
    const [condition, then, otherwise] = expr.args;
    const attribute = new ConditionalAttribute(
      this.run(condition!),
      this.#attributeOf(then!),
      this.#attributeOf(otherwise!),
    );
    return { kind: 'attribute', attribute };
  }

  #index(expr: CallExpr, isOptional: boolean): Plan {
    const operand = this.#attributeOf(expr.args[0]!);
    const index = this.plan(expr.args[1]!);
    const key: Run = index.kind === 'attribute' ? (frame) => index.attribute.resolve(frame) : runOf(index);
    return this.#selected(operand, { key, isOptional, cost: 1 });
  }

  #in(expr: CallExpr): Plan {
    const list = this.plan(expr.args[1]!);
    const overloads = this.#checked.overloads.get(expr) ?? [];
    if (list.kind === 'constant' && overloads.length === 1 && overloads[0]!.id === 'in_list') {
      const run = inConstants(this.run(expr.args[0]!), list.value);
      if (run !== undefined) return run;
    }
    return this.#function(expr, operators.in);
  }

  #function(expr: CallExpr, name: string): Plan {
    const { isMethod } = this.#checked.functions.get(expr)!;
    const args = (isMethod ? [expr.target!, ...expr.args] : expr.args).map((arg) => this.plan(arg));
    if (name === 'or' && isMethod && args.length === 2) {
      return computed(optionalOr(args, (optional) => optional));
    }
    if (name === 'orValue' && isMethod && args.length === 2) {
      return computed(optionalOr(args, (optional) => optional.value!));
    }
    if (patternFunctions.has(name) && args[1]?.kind === 'constant') checkPattern(args[1].value);
    const run = planCall(this.#checked, expr, name, args);
    const isConstant = args.length === 1 && args[0]!.kind === 'constant';
    return isConstant && conversionNames.has(name) ? constantOf(run) : computed(run);
  }

  #list({ elements, optionals }: ListExpr): Plan {
    const plans = elements.map((element) => this.plan(element));
    const run = listRun(plans.map(runOf), optionals);
    return plans.every(isConstant) ? constantOf(run) : computed(run);
  }

  #map({ entries }: MapExpr): Plan {
    const keys = entries.map(({ key }) => this.plan(key));
    const values = entries.map(({ value }) => this.plan(value));
    const optionals = entries.map(({ isOptional }) => isOptional);
    const run = mapRun(keys.map(runOf), values.map(runOf), optionals);
    return [...keys, ...values].every(isConstant) ? constantOf(run) : computed(run);
  }

  #object(expr: ObjectExpr): Plan {
    const type = typeOf(this.#checked, expr);
    const values = expr.fields.map(({ value }) => this.run(value));
    const { family } = this.#checked.environment;
    const isOfFamily = family?.find(type.name) !== undefined;
    return computed(
      isOfFamily ? familyRun(family, type, expr.fields, values) : objectRun(type, expr.fields, values),
    );
  }
}

const patternFunctions = new Set(['matches', 'find', 'findAll']);

function checkPattern(pattern: Value): void {
  const regex = typeof pattern === 'string' ? Regex.of(pattern) : undefined;
  if (regex instanceof ErrorValue) throw new PlanError(regex.message);
}

const isConstant = (plan: Plan) => plan.kind === 'constant';

/** The value of an expression without variables. */
function constantOf(run: Run): Plan {
  const value = run(new Frame(0, Number.POSITIVE_INFINITY));
  if (isError(value)) throw new PlanError(value.message);
  return constant(value);
}

/** `has(…)` does not count the root, as upstream configures cel-go. */
function testRun(operand: Attribute, field: string): Run {
  const attribute = operand.with({ key: () => field, isOptional: false, isTest: true, cost: 1 });
  return (frame) => {
    const value = attribute.resolve(frame);
    return value instanceof Optional ? value.value !== undefined : value;
  };
}

function andRun(left: Run, right: Run): Run {
  return (frame) => {
    const first = left(frame);
    if (first === false) return false;
    const second = right(frame);
    if (second === false) return false;
    if (first === true && second === true) return true;
    return logicalError(first, second);
  };
}

function orRun(left: Run, right: Run): Run {
  return (frame) => {
    const first = left(frame);
    if (first === true) return true;
    const second = right(frame);
    if (second === true) return true;
    if (first === false && second === false) return false;
    return logicalError(first, second);
  };
}

/** The error of the first operand that is no boolean. */
function logicalError(first: Value, second: Value): ErrorValue {
  const odd = typeof first === 'boolean' ? second : first;
  return isError(odd) ? odd : noSuchOverload;
}

/** The second operand is only evaluated if the first has no value. */
function optionalOr([first, second]: readonly Plan[], use: (optional: Optional) => Value): Run {
  const [left, right] = [runOf(first!), runOf(second!)];
  return (frame) => {
    const optional = left(frame);
    if (!(optional instanceof Optional)) return optional;
    return optional.value === undefined ? right(frame) : use(optional);
  };
}

/** Finds the type of every part of an expression, and reports type errors with upstream's messages. */

import type { Environment } from '../declarations/environment.ts';
import type { Overload } from '../declarations/function.ts';
import {
  type CallExpr,
  type ComprehensionExpr,
  type Expr,
  type ListExpr,
  type MapExpr,
  type ObjectExpr,
  operators,
  qualifiedName,
  type SelectExpr,
} from '../syntax/ast.ts';
import type { IssueList } from '../syntax/issues.ts';
import {
  boolType,
  type CelType,
  dynType,
  errorType,
  formatSignature,
  formatType,
  intType,
  isDyn,
  isOptional,
  listType,
  mapType,
  optionalType,
  typeType,
} from '../types/type.ts';
import { typeOfValue } from '../values/value.ts';
import type { Checked, FunctionName } from './checked.ts';
import { OverloadResolution } from './overload-resolution.ts';
import { mostGeneral, Unifier } from './unifier.ts';

/** The result is valid only if `issues` is still empty. */
export function check(expr: Expr, environment: Environment, issues: IssueList): Checked {
  const checker = new Checker(environment, issues);
  checker.check(expr);
  return checker.result(expr);
}

class Checker {
  readonly #environment: Environment;
  readonly #issues: IssueList;
  readonly #unifier = new Unifier();
  readonly #resolution = new OverloadResolution(this.#unifier);
  readonly #types = new Map<Expr, CelType>();
  readonly #overloads = new Map<Expr, readonly Overload[]>();
  readonly #functions = new Map<Expr, FunctionName>();
  readonly #names = new Map<Expr, string>();
  /** Variables of macros, the innermost last. */
  readonly #scopes: Map<string, CelType>[] = [];

  constructor(environment: Environment, issues: IssueList) {
    this.#environment = environment;
    this.#issues = issues;
  }

  result(expr: Expr): Checked {
    const types = new Map<Expr, CelType>();
    for (const [part, type] of this.#types) types.set(part, this.#unifier.substitute(type, true));
    return {
      expr,
      environment: this.#environment,
      types,
      overloads: this.#overloads,
      functions: this.#functions,
      names: this.#names,
    };
  }

  check(expr: Expr): CelType {
    const type = this.#typeOf(expr);
    this.#types.set(expr, type);
    return type;
  }

  #typeOf(expr: Expr): CelType {
    switch (expr.kind) {
      case 'literal':
        return typeOfValue(expr.value);
      case 'ident':
        return this.#named(expr, expr.name) ?? this.#undeclared(expr.at, expr.name);
      case 'select':
        return this.#select(expr);
      case 'call':
        return this.#call(expr);
      case 'list':
        return this.#list(expr);
      case 'map':
        return this.#map(expr);
      case 'object':
        return this.#object(expr);
      case 'comprehension':
        return this.#comprehension(expr);
    }
  }

  /** The type of the variable or type with this name. */
  #named(expr: Expr, written: string): CelType | undefined {
    const name = written.startsWith('.') ? written.slice(1) : written;
    const scope = name === written ? this.#scopes.findLast((each) => each.has(name)) : undefined;
    const variable = scope?.get(name) ?? this.#environment.variables.get(name);
    const type = this.#environment.type(name);
    if (variable === undefined && type === undefined) return undefined;
    this.#names.set(expr, name);
    return variable ?? typeType(type);
  }

  #undeclared(at: number, name: string): CelType {
    this.#issues.report(at, `undeclared reference to '${name}' (in container '')`);
    return errorType;
  }

  #select(expr: SelectExpr): CelType {
    const name = qualifiedName(expr);
    const named = name === undefined ? undefined : this.#named(expr, name);
    if (named !== undefined) return named;
    const type = this.#field(expr.at, expr.operand, expr.field, false);
    return expr.isTest ? boolType : this.#unifier.substitute(type);
  }

  #field(at: number, operand: Expr, field: string, isOptionalSelect: boolean): CelType {
    const operandType = this.#unifier.substitute(this.check(operand));
    const isInOptional = isOptional(operandType);
    const target = isInOptional ? operandType.parameters[0]! : operandType;
    const type = this.#fieldOf(at, target, field);
    return isInOptional || isOptionalSelect ? optionalType(type) : type;
  }

  #fieldOf(at: number, target: CelType, field: string): CelType {
    switch (target.kind) {
      case 'map':
        return target.parameters[1]!;
      case 'struct': {
        const found = target.fields?.get(field)?.type;
        if (found === undefined) this.#issues.report(at, `undefined field '${field}'`);
        return found ?? errorType;
      }
      case 'type_param':
        this.#unifier.isAssignable(dynType, target);
        return dynType;
      default:
        if (!isDyn(target) && target.kind !== 'error') {
          this.#issues.report(at, `type '${formatType(target)}' does not support field selection`);
        }
        return dynType;
    }
  }

  #call(expr: CallExpr): CelType {
    if (expr.name === operators.optionalSelect) return this.#optionalSelect(expr);
    for (const arg of expr.args) this.check(arg);
    if (expr.target === undefined) return this.#function(expr, expr.name);
    const namespace = qualifiedName(expr.target);
    const inNamespace = `${namespace}.${expr.name}`;
    if (namespace !== undefined && this.#environment.overloads(inNamespace) !== undefined) {
      return this.#function(expr, inNamespace);
    }
    this.check(expr.target);
    return this.#resolve(expr, expr.name, expr.target);
  }

  #optionalSelect(expr: CallExpr): CelType {
    const [operand, field] = expr.args;
    const name = field?.kind === 'literal' && typeof field.value === 'string' ? field.value : '';
    this.#functions.set(expr, { name: expr.name, isMethod: false });
    return this.#unifier.substitute(this.#field(expr.at, operand!, name, true));
  }

  #function(expr: CallExpr, name: string): CelType {
    return this.#resolve(expr, name.startsWith('.') ? name.slice(1) : name, undefined);
  }

  #resolve(expr: CallExpr, name: string, target: Expr | undefined): CelType {
    const overloads = this.#environment.overloads(name);
    if (overloads === undefined) return this.#undeclared(expr.at, expr.name);
    this.#functions.set(expr, { name, isMethod: target !== undefined });
    const args = (target === undefined ? expr.args : [target, ...expr.args]).map(
      (arg) => this.#types.get(arg)!,
    );
    if (name === operators.and || name === operators.or) return this.#logical(expr, overloads, args);
    const { fitting, result } = this.#resolution.resolve(overloads, args, target !== undefined);
    this.#overloads.set(expr, fitting);
    if (result !== undefined) return result;
    const signature = formatSignature(
      args.map((type) => this.#unifier.substitute(type, true)),
      target !== undefined,
    );
    this.#issues.report(expr.at, `found no matching overload for '${name}' applied to '${signature}'`);
    return errorType;
  }

  #logical(expr: CallExpr, overloads: readonly Overload[], args: readonly CelType[]): CelType {
    this.#overloads.set(expr, overloads);
    let isFitting = true;
    for (const [index, type] of args.entries()) {
      if (this.#unifier.isAssignable(type, boolType)) continue;
      this.#mismatch(expr.args[index]!, boolType, type);
      isFitting = false;
    }
    return isFitting ? boolType : errorType;
  }

  #list(expr: ListExpr): CelType {
    let joined: CelType | undefined;
    for (const [index, element] of expr.elements.entries()) {
      let type = this.check(element);
      if (expr.optionals.has(index)) type = this.#unwrapped(element, type);
      joined = this.#join(joined, type);
    }
    return listType(joined ?? this.#resolution.freeType());
  }

  #map({ entries }: MapExpr): CelType {
    let keys: CelType | undefined;
    let values: CelType | undefined;
    for (const { key, value, isOptional: isOptionalEntry } of entries) {
      keys = this.#join(keys, this.check(key));
      let type = this.check(value);
      if (isOptionalEntry) type = this.#unwrapped(value, type);
      values = this.#join(values, type);
    }
    return mapType(keys ?? this.#resolution.freeType(), values ?? this.#resolution.freeType());
  }

  /** The type inside the optional that an element written with `?` has to be. */
  #unwrapped(expr: Expr, type: CelType): CelType {
    if (isOptional(type)) return type.parameters[0]!;
    if (!isDyn(type)) this.#mismatch(expr, optionalType(type), type);
    return type;
  }

  /** The type of all elements; `dyn` if they differ, which the validators reject if there are no other errors. */
  #join(previous: CelType | undefined, current: CelType): CelType {
    if (previous === undefined) return current;
    return this.#unifier.isAssignable(previous, current) ? mostGeneral(previous, current) : dynType;
  }

  #mismatch(expr: Expr, expected: CelType, actual: CelType): void {
    this.#issues.report(expr.at, `expected type '${formatType(expected)}' but found '${formatType(actual)}'`);
  }

  #object(expr: ObjectExpr): CelType {
    const named = this.#named(expr, expr.typeName);
    if (named === undefined) return this.#undeclared(expr.at, expr.typeName);
    const type = this.#constructed(expr, named);
    for (const field of expr.fields) {
      let valueType = this.check(field.value);
      const declared = type.fields?.get(field.name)?.type;
      if (declared === undefined && type.kind === 'struct') {
        this.#issues.report(field.at, `undefined field '${field.name}'`);
      }
      if (field.isOptional) valueType = this.#unwrapped(field.value, valueType);
      const fieldType = declared ?? errorType;
      if (!this.#unifier.isAssignable(fieldType, valueType)) {
        const types = `is '${formatType(fieldType)}' but provided type is '${formatType(valueType)}'`;
        this.#issues.report(field.at, `expected type of field '${field.name}' ${types}`);
      }
    }
    return type;
  }

  #constructed(expr: ObjectExpr, named: CelType): CelType {
    if (named.kind !== 'type') {
      this.#issues.report(expr.at, `'${named.name}' is not a type`);
      return errorType;
    }
    const [type] = named.parameters;
    if (type?.kind === 'struct') return type;
    this.#issues.report(expr.at, `'${type?.name}' is not a message type`);
    return errorType;
  }

  #comprehension(expr: ComprehensionExpr): CelType {
    const rangeType = this.#unifier.substitute(this.check(expr.range));
    const accumulatorType = this.check(expr.initial);
    this.#scopes.push(new Map([[expr.accumulator, accumulatorType]]));
    this.#scopes.push(this.#loopVariables(expr, rangeType));
    this.#assert(expr.condition, boolType);
    this.#assert(expr.step, accumulatorType);
    this.#scopes.pop();
    const type = this.check(expr.result);
    this.#scopes.pop();
    return this.#unifier.substitute(type);
  }

  #assert(expr: Expr, type: CelType): void {
    const actual = this.check(expr);
    if (!this.#unifier.isAssignable(type, actual)) this.#mismatch(expr, type, actual);
  }

  #loopVariables(expr: ComprehensionExpr, rangeType: CelType): Map<string, CelType> {
    const [first, second] = this.#rangeTypes(expr, rangeType);
    const variables = new Map([[expr.variable, first]]);
    if (expr.secondVariable !== undefined) variables.set(expr.secondVariable, second);
    return variables;
  }

  #rangeTypes(expr: ComprehensionExpr, rangeType: CelType): readonly [CelType, CelType] {
    switch (rangeType.kind) {
      case 'list': {
        const element = rangeType.parameters[0]!;
        return expr.secondVariable === undefined ? [element, element] : [intType, element];
      }
      case 'map':
        return [rangeType.parameters[0]!, rangeType.parameters[1]!];
      case 'dyn':
      case 'error':
      case 'type_param':
        this.#unifier.isAssignable(dynType, rangeType);
        return [dynType, dynType];
      default:
        this.#issues.report(
          expr.range.at,
          `expression of type '${formatType(rangeType)}' cannot be range of a comprehension (must be list, map, or dynamic)`,
        );
        return [errorType, errorType];
    }
  }
}

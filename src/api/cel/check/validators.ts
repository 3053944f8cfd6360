/** Validates the constants of an expression: times, regular expressions, lists of values of different types. */

import { type CallExpr, type Expr, partsOf } from '../syntax/ast.ts';
import type { IssueList } from '../syntax/issues.ts';
import { type CelType, formatType, isSameType } from '../types/type.ts';
import { Regex } from '../values/regex.ts';
import { isError, type Value } from '../values/value.ts';
import { type Checked, typeOf } from './checked.ts';
import { validateFormat } from './format-validator.ts';

export function validate(checked: Checked, issues: IssueList): void {
  new Validator(checked, issues).visit(checked.expr, false);
}

class Validator {
  readonly #checked: Checked;
  readonly #issues: IssueList;

  constructor(checked: Checked, issues: IssueList) {
    this.#checked = checked;
    this.#issues = issues;
  }

  /** `isFormatArgument`: the list of arguments of `format` may have elements of different types. */
  visit(expr: Expr, isFormatArgument: boolean): void {
    if (expr.kind === 'call') this.#call(expr);
    if (!isFormatArgument) this.#literals(expr);
    const isIn = isFormatArgument || (expr.kind === 'call' && expr.name === 'format');
    for (const part of partsOf(expr)) this.visit(part, isIn);
  }

  #call(expr: CallExpr): void {
    const { name } = this.#checked.functions.get(expr) ?? expr;
    if (name === 'format') validateFormat(this.#checked, expr, this.#issues);
    const [arg] = expr.args;
    if (arg?.kind !== 'literal') return;
    const isWrong =
      name === 'matches'
        ? typeof arg.value === 'string' && !(Regex.of(arg.value) instanceof Regex)
        : (name === 'duration' || name === 'timestamp') && this.#fails(expr, arg.value);
    if (isWrong) this.#issues.report(arg.at, `invalid ${name} argument`);
  }

  #fails(expr: Expr, value: Value): boolean {
    const [overload] = this.#checked.overloads.get(expr) ?? [];
    return overload?.call !== undefined && isError(overload.call(value));
  }

  #literals(expr: Expr): void {
    if (expr.kind === 'list') {
      const types = expr.elements.map((element, index) => this.#typeOf(element, expr.optionals.has(index)));
      this.#sameTypes(expr.elements, types, false);
    } else if (expr.kind === 'map') {
      this.#sameTypes(
        expr.entries.map(({ key }) => key),
        expr.entries.map(({ key }) => this.#typeOf(key, false)),
        true,
      );
      this.#sameTypes(
        expr.entries.map(({ value }) => value),
        expr.entries.map(({ value, isOptional }) => this.#typeOf(value, isOptional)),
        true,
      );
    }
  }

  #typeOf(expr: Expr, isOptional: boolean): CelType {
    const type = typeOf(this.#checked, expr);
    return isOptional ? (type.parameters[0] ?? type) : type;
  }

  /** Of a list only the first element of another type is reported, as in cel-go. */
  #sameTypes(parts: readonly Expr[], types: readonly CelType[], isEach: boolean): void {
    const [first] = types;
    for (const [index, type] of types.entries()) {
      if (isSameType(first!, type)) continue;
      const message = `expected type '${formatType(first!)}' but found '${formatType(type)}'`;
      this.#issues.report(parts[index]!.at, message);
      if (!isEach) return;
    }
  }
}

/** The result of the checker: types and overloads of the parts of an expression. */

import type { Environment } from '../declarations/environment.ts';
import type { Overload } from '../declarations/function.ts';
import type { Expr } from '../syntax/ast.ts';
import type { CelType } from '../types/type.ts';

export interface Checked {
  readonly expr: Expr;
  readonly environment: Environment;
  readonly types: ReadonlyMap<Expr, CelType>;
  /** Of calls: the overloads that fit. */
  readonly overloads: ReadonlyMap<Expr, readonly Overload[]>;
  /** Of calls: the name of the function; its receiver is no part of it, unless it is a namespace (`strings.quote`). */
  readonly functions: ReadonlyMap<Expr, FunctionName>;
  /** Of identifiers and selections: the variable or type that they name as a whole. */
  readonly names: ReadonlyMap<Expr, string>;
}

export interface FunctionName {
  readonly name: string;
  /** Whether the call has a receiver, after namespaces are found. */
  readonly isMethod: boolean;
}

export const typeOf = (checked: Checked, expr: Expr): CelType => checked.types.get(expr)!;

/** The macros of optional values. */

import { type Expr, operators } from './ast.ts';
import { type Macro, partsAt } from './macros.ts';

/** `target.hasValue() ? wrap(bind variable to target.value() in result) : optional.none()` */
function macroOfOptional(name: string, wrap: (at: number, result: Expr) => Expr): Macro {
  return {
    name,
    argCount: 2,
    isMethod: true,
    expand(at, [variable, result], target) {
      if (variable?.kind !== 'ident') {
        return { at: variable!.at, problem: `${name}() variable name must be a simple identifier` };
      }
      const { bind, call, method } = partsAt(at);
      return call(
        operators.conditional,
        method(target!, 'hasValue'),
        wrap(at, bind(variable.name, method(copyOf(target!), 'value'), result!)),
        call('optional.none'),
      );
    },
  };
}

export const optionalMacros: readonly Macro[] = [
  macroOfOptional('optMap', (at, result) => partsAt(at).call('optional.of', result)),
  macroOfOptional('optFlatMap', (_, result) => result),
];

/** The checker records types by expression object, so an expression that is used twice has to be copied. */
function copyOf(expr: Expr): Expr {
  switch (expr.kind) {
    case 'literal':
    case 'ident':
      return { ...expr };
    case 'select':
      return { ...expr, operand: copyOf(expr.operand) };
    case 'call':
      return {
        ...expr,
        args: expr.args.map(copyOf),
        ...(expr.target === undefined ? {} : { target: copyOf(expr.target) }),
      };
    case 'list':
      return { ...expr, elements: expr.elements.map(copyOf) };
    case 'map':
      return {
        ...expr,
        entries: expr.entries.map((entry) => ({
          ...entry,
          key: copyOf(entry.key),
          value: copyOf(entry.value),
        })),
      };
    case 'object':
      return { ...expr, fields: expr.fields.map((field) => ({ ...field, value: copyOf(field.value) })) };
    case 'comprehension':
      return {
        ...expr,
        range: copyOf(expr.range),
        initial: copyOf(expr.initial),
        condition: copyOf(expr.condition),
        step: copyOf(expr.step),
        result: copyOf(expr.result),
      };
  }
}

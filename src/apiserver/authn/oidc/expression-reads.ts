/** Whether an expression reads a field of a variable, as `claims.email`. */

import { claimsEnvironment } from '#api/cel/environments/authentication.ts';
import { parse } from '#api/cel/syntax/parser.ts';

export function reads(expression: string, variable: string, field: string): boolean {
  return isIn(parse(expression, claimsEnvironment().macros).expr, variable, field);
}

interface Node {
  readonly kind?: string;
  readonly name?: string;
  readonly field?: string;
  readonly operand?: Node;
  readonly args?: readonly (Node & { readonly value?: unknown })[];
}

function isIn(value: unknown, variable: string, field: string): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const node = value as Node;
  const isOf = (operand: Node | undefined) => operand?.kind === 'ident' && operand.name === variable;
  if (node.kind === 'select' && node.field === field && isOf(node.operand)) return true;
  const [operand, name] = node.args ?? [];
  if (node.kind === 'call' && node.name === '_?._' && isOf(operand) && name?.value === field) return true;
  return Object.values(value).some((part) => isIn(part, variable, field));
}

/** Validates a call of `format` with constant format and a list of arguments. */

import { clauses } from '../library/format/clauses.ts';
import { type FormatPiece, readFormat } from '../library/format/text.ts';
import type { CallExpr, Expr } from '../syntax/ast.ts';
import type { IssueList } from '../syntax/issues.ts';
import { isDyn } from '../types/type.ts';
import { type Checked, typeOf } from './checked.ts';

export function validateFormat(checked: Checked, expr: CallExpr, issues: IssueList): void {
  const { target } = expr;
  const [args] = expr.args;
  if (target?.kind !== 'literal' || typeof target.value !== 'string' || args?.kind !== 'list') return;
  const { pieces, problem } = readFormat(target.value, args.elements.length);
  const found = pieces.filter((piece): piece is FormatPiece => typeof piece !== 'string');
  for (const [index, { clause }] of found.entries()) {
    const odd = oddArgument(checked, args.elements[index]!, clause.kinds, clause === clauses.get('s'));
    if (odd === undefined) continue;
    const message = `error during formatting: ${clause.problem} ${typeOf(checked, odd).name}`;
    issues.report(odd.at, message);
    return;
  }
  if (problem !== undefined) {
    issues.report(expr.at, problem.message);
  } else if (args.elements.length > found.length) {
    const counts = `(expected ${found.length}, got ${args.elements.length})`;
    issues.report(expr.at, `too many arguments supplied to string.format ${counts}`);
  }
}

/** The argument that a clause does not accept, or the part of it that it does not accept. */
function oddArgument(
  checked: Checked,
  expr: Expr,
  kinds: ReadonlySet<string>,
  isDeep: boolean,
): Expr | undefined {
  const type = typeOf(checked, expr);
  if (!isDyn(type) && !kinds.has(type.kind)) return expr;
  if (!isDeep) return undefined;
  return writtenParts(expr)
    .map((part) => oddArgument(checked, part, kinds, true))
    .find((odd) => odd !== undefined);
}

function writtenParts(expr: Expr): readonly Expr[] {
  if (expr.kind === 'list') return expr.elements;
  return expr.kind === 'map' ? expr.entries.flatMap(({ key, value }) => [key, value]) : [];
}

/** Reads a literal: a number, a string, bytes, `true`, `false` or `null`. */

import type { Expr } from './ast.ts';
import type { IssueList } from './issues.ts';
import { bytesLiteral, doubleLiteral, intLiteral, stringLiteral, uintLiteral } from './literals.ts';
import type { TokenReader } from './token-reader.ts';

const beginnings =
  "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

/** Throws `SyntaxProblem` at a token that begins no literal. */
export function readLiteral(tokens: TokenReader, issues: IssueList): Expr {
  const { at } = tokens.current;
  const sign = tokens.take('-') === undefined ? '' : '-';
  const { kind, text } = tokens.current;
  const number = (value: ReturnType<typeof intLiteral>, type: string): Expr => {
    tokens.advance();
    if (value === undefined) issues.report(at, `invalid ${type} literal`);
    return { kind: 'literal', at, value: value ?? 0 };
  };
  if (kind === 'int') return number(intLiteral(text, sign !== ''), 'int');
  if (kind === 'float') return number(doubleLiteral(sign + text), 'double');
  if (sign !== '') throw tokens.unexpected(beginnings);
  if (kind === 'uint') return number(uintLiteral(text), 'uint');
  if (kind === 'string') return readText(tokens, issues, stringLiteral(text));
  if (kind === 'bytes') return readText(tokens, issues, bytesLiteral(text.slice(1)));
  if (kind !== 'keyword' || text === 'in') throw tokens.unexpected(beginnings);
  tokens.advance();
  return { kind: 'literal', at, value: text === 'null' ? null : text === 'true' };
}

function readText(
  tokens: TokenReader,
  issues: IssueList,
  read: { value: string | Uint8Array } | { problem: string },
): Expr {
  const { at } = tokens.advance();
  if (!('problem' in read)) return { kind: 'literal', at, value: read.value };
  issues.report(at, read.problem);
  return { kind: 'literal', at, value: '' };
}

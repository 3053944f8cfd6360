/** Parses an expression into its syntax tree, with macros expanded. */

import { type EntryExpr, type Expr, type FieldExpr, operators, qualifiedName } from './ast.ts';
import { explainedCharactersMax, explainSyntax } from './explain.ts';
import { IssueList, Source } from './issues.ts';
import { type Token, tokensOf } from './lexer.ts';
import { readLiteral } from './literal-reader.ts';
import { LogicalTerms } from './logical-terms.ts';
import type { Macro } from './macros.ts';
import { Nesting, type Rule } from './nesting.ts';
import { SyntaxProblem } from './problem.ts';
import { TokenReader } from './token-reader.ts';

const codePointsMax = 100_000;
const reservedWords = new Set(
  'as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

const relations: Readonly<Record<string, string>> = {
  '<': operators.less,
  '<=': operators.lessEqual,
  '>': operators.greater,
  '>=': operators.greaterEqual,
  '==': operators.equal,
  '!=': operators.notEqual,
  in: operators.in,
};
const sums: Readonly<Record<string, string>> = { '+': operators.add, '-': operators.subtract };
const products: Readonly<Record<string, string>> = {
  '*': operators.multiply,
  '/': operators.divide,
  '%': operators.modulo,
};

export interface Parsed {
  /** Valid only if `issues` is empty. */
  readonly expr: Expr;
  readonly issues: IssueList;
}

export function parse(text: string, macros: readonly Macro[]): Parsed {
  const source = new Source(text);
  const issues = new IssueList(source);
  const size = source.characters.length;
  let expr: Expr = { kind: 'literal', at: 0, value: null };
  if (size > codePointsMax) {
    issues.report(
      undefined,
      `expression code point size exceeds limit: size: ${size}, limit ${codePointsMax}`,
    );
    return { expr, issues };
  }
  try {
    expr = new Parser(tokensOf(text), macros, issues).parse();
  } catch (problem) {
    if (!(problem instanceof SyntaxProblem)) throw problem;
    reportSyntax(text, size, problem, issues);
  }
  return { expr, issues };
}

function reportSyntax(text: string, size: number, { at, message }: SyntaxProblem, issues: IssueList): void {
  const findings = at === undefined || size > explainedCharactersMax ? [] : explainSyntax(text);
  for (const finding of findings) issues.reportAt(finding.line, finding.column, finding.message);
  if (findings.length > 0) return;
  issues.report(at, at === undefined ? message : `Syntax error: ${message}`);
}

class Parser {
  readonly #tokens: TokenReader;
  readonly #macros: ReadonlyMap<string, Macro>;
  readonly #issues: IssueList;
  readonly #nesting = new Nesting();

  constructor(tokens: readonly Token[], macros: readonly Macro[], issues: IssueList) {
    this.#tokens = new TokenReader(tokens);
    this.#macros = new Map(
      macros.map((macro) => [macroKey(macro.name, macro.argCount, macro.isMethod), macro]),
    );
    this.#issues = issues;
  }

  parse(): Expr {
    const expr = this.#expr();
    if (this.#tokens.current.kind !== 'end') throw this.#tokens.unexpected('<EOF>');
    return expr;
  }

  #expr(): Expr {
    return this.#nesting.nested('expr', () => {
      const condition = this.#or();
      const question = this.#tokens.take('?');
      if (question === undefined) return condition;
      const then = this.#or();
      this.#tokens.expect(':');
      return this.#call(question.at, operators.conditional, [condition, then, this.#expr()]);
    });
  }

  #or(): Expr {
    return this.#terms('||', operators.or, () => this.#and());
  }

  #and(): Expr {
    return this.#terms('&&', operators.and, () => this.#relation());
  }

  #terms(symbol: '||' | '&&', name: string, term: () => Expr): Expr {
    const tokens = this.#tokens;
    const terms = new LogicalTerms(name, term());
    for (let token = tokens.take(symbol); token; token = tokens.take(symbol)) terms.add(token.at, term());
    return terms.tree();
  }

  #relation(): Expr {
    return this.#chain('relation', relations, () => this.#sum());
  }

  #sum(): Expr {
    return this.#chain('calc', sums, () => this.#chain('calc', products, () => this.#unary()));
  }

  /** Operators of one precedence, from left to right. */
  #chain(rule: Rule, names: Readonly<Record<string, string>>, operand: () => Expr): Expr {
    let links = 0;
    let expr = operand();
    for (let name = this.#operatorOf(names); name !== undefined; name = this.#operatorOf(names)) {
      const { at } = this.#tokens.advance();
      this.#nesting.deepen(rule);
      links++;
      expr = this.#call(at, name, [expr, operand()]);
    }
    this.#nesting.leave(rule, links);
    return expr;
  }

  #operatorOf(names: Readonly<Record<string, string>>): string | undefined {
    const { kind, text } = this.#tokens.current;
    if (kind !== 'symbol' && kind !== 'keyword') return undefined;
    return Object.hasOwn(names, text) ? names[text] : undefined;
  }

  #unary(): Expr {
    const { kind, text, at } = this.#tokens.current;
    if (kind !== 'symbol' || (text !== '!' && text !== '-')) return this.#member();
    const next = this.#tokens.following;
    if (text === '-' && (next?.kind === 'int' || next?.kind === 'float')) return this.#member();
    let count = 0;
    while (this.#tokens.take(text)) count++;
    const operand = this.#member();
    if (count % 2 === 0) return operand;
    return this.#call(at, text === '!' ? operators.not : operators.negate, [operand]);
  }

  #member(): Expr {
    return this.#nesting.nested('member', () => {
      let links = 0;
      let expr = this.#primary();
      for (let next = this.#suffix(expr); next !== undefined; next = this.#suffix(expr)) {
        this.#nesting.deepen('member');
        links++;
        expr = next;
      }
      this.#nesting.leave('member', links);
      return expr;
    });
  }

  /** `operand` with `.field`, `.method(…)` or `[index]`; undefined if none of these follows. */
  #suffix(operand: Expr): Expr | undefined {
    const dot = this.#tokens.take('.');
    if (dot !== undefined) return this.#selected(dot.at, operand);
    const bracket = this.#tokens.take('[');
    if (bracket === undefined) return undefined;
    const name = this.#tokens.take('?') === undefined ? operators.index : operators.optionalIndex;
    const index = this.#expr();
    this.#tokens.expect(']');
    return this.#call(bracket.at, name, [operand, index]);
  }

  #selected(at: number, operand: Expr): Expr {
    if (this.#tokens.take('?') !== undefined) {
      const { field, at: fieldAt } = this.#fieldName();
      const name: Expr = { kind: 'literal', at: fieldAt, value: field };
      return { kind: 'call', at, name: operators.optionalSelect, args: [operand, name] };
    }
    const isPlain = this.#tokens.current.kind === 'identifier';
    const { field } = this.#fieldName();
    const open = isPlain ? this.#tokens.take('(') : undefined;
    if (open !== undefined) return this.#call(open.at, field, this.#args(), operand);
    const selected: Expr = { kind: 'select', at, operand, field, isTest: false };
    const typeName = qualifiedName(selected);
    if (typeName !== undefined && this.#tokens.isAt('{')) return this.#object(typeName);
    return selected;
  }

  #fieldName(): { field: string; at: number } {
    const { kind, text, at } = this.#tokens.current;
    if (kind === 'identifier') {
      this.#tokens.advance();
      return { field: text, at };
    }
    if (kind !== 'escaped') throw this.#tokens.unexpected("{'?', IDENTIFIER, ESC_IDENTIFIER}");
    this.#tokens.advance();
    this.#issues.report(at, "unsupported syntax: '`'");
    return { field: text.slice(1, -1), at };
  }

  #primary(): Expr {
    const { kind, text } = this.#tokens.current;
    if (kind === 'identifier' || (kind === 'symbol' && text === '.')) return this.#identOrCall();
    if (kind === 'symbol' && text === '(') {
      this.#tokens.advance();
      const expr = this.#expr();
      this.#tokens.expect(')');
      return expr;
    }
    if (kind === 'symbol' && text === '[') return this.#list(this.#tokens.advance().at);
    if (kind === 'symbol' && text === '{') return this.#map(this.#tokens.advance().at);
    return readLiteral(this.#tokens, this.#issues);
  }

  #identOrCall(): Expr {
    const at = this.#tokens.current.at;
    const dot = this.#tokens.take('.') === undefined ? '' : '.';
    const token = this.#tokens.current;
    if (token.kind !== 'identifier') throw this.#tokens.unexpected('IDENTIFIER');
    this.#tokens.advance();
    const name = dot + token.text;
    if (this.#tokens.isAt('{')) return this.#object(name);
    const open = this.#tokens.take('(');
    if (reservedWords.has(token.text)) this.#issues.report(at, `reserved identifier: ${token.text}`);
    if (open !== undefined) return this.#call(open.at, name, this.#args());
    return { kind: 'ident', at: token.at, name };
  }

  /** Up to the closing parenthesis. */
  #args(): Expr[] {
    const args: Expr[] = [];
    if (this.#tokens.take(')') !== undefined) return args;
    do args.push(this.#expr());
    while (this.#tokens.take(',') !== undefined);
    this.#tokens.expect(')');
    return args;
  }

  #list(at: number): Expr {
    const elements: Expr[] = [];
    const optionals = new Set<number>();
    this.#items(']', () => {
      if (this.#tokens.take('?') !== undefined) optionals.add(elements.length);
      elements.push(this.#expr());
    });
    return { kind: 'list', at, elements, optionals };
  }

  #map(at: number): Expr {
    const entries: EntryExpr[] = [];
    this.#items('}', () => {
      const isOptional = this.#tokens.take('?') !== undefined;
      const key = this.#expr();
      const colon = this.#tokens.expect(':');
      entries.push({ at: colon.at, key, value: this.#expr(), isOptional });
    });
    return { kind: 'map', at, entries };
  }

  #object(typeName: string): Expr {
    const { at } = this.#tokens.expect('{');
    const fields: FieldExpr[] = [];
    this.#items('}', () => {
      const isOptional = this.#tokens.take('?') !== undefined;
      const { field } = this.#fieldName();
      const colon = this.#tokens.expect(':');
      fields.push({ at: colon.at, name: field, value: this.#expr(), isOptional });
    });
    return { kind: 'object', at, typeName, fields };
  }

  /** Items separated by commas; a trailing comma is allowed. */
  #items(end: string, item: () => void): void {
    while (this.#tokens.take(end) === undefined) {
      if (this.#tokens.isAt(',')) {
        this.#tokens.advance();
        this.#tokens.expect(end);
        return;
      }
      item();
      if (this.#tokens.take(end) !== undefined) return;
      this.#tokens.expect(',', `{'${end}', ','}`);
    }
  }

  /** A call, or the expansion of the macro with this name. */
  #call(at: number, name: string, args: readonly Expr[], target?: Expr): Expr {
    const macro = this.#macros.get(macroKey(name, args.length, target !== undefined));
    const expansion = macro?.expand(at, args, target);
    if (expansion !== undefined) {
      if (!('problem' in expansion)) return expansion;
      this.#issues.report(expansion.at, expansion.problem);
    }
    return target === undefined ? { kind: 'call', at, name, args } : { kind: 'call', at, name, args, target };
  }
}

const macroKey = (name: string, argCount: number, isMethod: boolean) =>
  `${isMethod ? '.' : ''}${name}/${argCount}`;

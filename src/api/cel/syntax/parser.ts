/** Reads the text of an expression into its syntax tree, macros expanded. */

import { type EntryExpr, type Expr, type FieldExpr, operators, qualifiedName } from './ast.ts';
import { explainedCharactersMax, explainSyntax } from './explain.ts';
import { IssueList, Source } from './issues.ts';
import { type Token, tokensOf } from './lexer.ts';
import { bytesLiteral, doubleLiteral, intLiteral, stringLiteral, uintLiteral } from './literals.ts';
import { LogicalTerms } from './logical-terms.ts';
import type { Macro } from './macros.ts';
import { SyntaxProblem } from './problem.ts';

const codePointsMax = 100_000;
/** How deep each rule of the grammar may nest; an operator nests what stands to its left. */
const depthMax = 250;

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

const beginnings =
  "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

export interface Parsed {
  /** Only to be used where `issues` is empty. */
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

type Rule = 'expr' | 'relation' | 'calc' | 'member';

class Parser {
  readonly #tokens: readonly Token[];
  readonly #macros: ReadonlyMap<string, Macro>;
  readonly #issues: IssueList;
  readonly #depths: Record<Rule, number> = { expr: 0, relation: 0, calc: 0, member: 0 };
  #next = 0;

  constructor(tokens: readonly Token[], macros: readonly Macro[], issues: IssueList) {
    this.#tokens = tokens;
    this.#macros = new Map(
      macros.map((macro) => [macroKey(macro.name, macro.argCount, macro.isMethod), macro]),
    );
    this.#issues = issues;
  }

  parse(): Expr {
    const expr = this.#expr();
    if (this.#token.kind !== 'end') throw this.#unexpected('<EOF>');
    return expr;
  }

  #expr(): Expr {
    return this.#nested('expr', () => {
      const condition = this.#or();
      const question = this.#take('?');
      if (question === undefined) return condition;
      const then = this.#or();
      this.#expect(':');
      return this.#call(question.at, operators.conditional, [condition, then, this.#expr()]);
    });
  }

  #or(): Expr {
    const terms = new LogicalTerms(operators.or, this.#and());
    for (let token = this.#take('||'); token; token = this.#take('||')) terms.add(token.at, this.#and());
    return terms.tree();
  }

  #and(): Expr {
    const terms = new LogicalTerms(operators.and, this.#relation());
    for (let token = this.#take('&&'); token; token = this.#take('&&')) terms.add(token.at, this.#relation());
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
      const { at } = this.#advance();
      this.#deepen(rule);
      links++;
      expr = this.#call(at, name, [expr, operand()]);
    }
    this.#depths[rule] -= links;
    return expr;
  }

  #operatorOf(names: Readonly<Record<string, string>>): string | undefined {
    const { kind, text } = this.#token;
    if (kind !== 'symbol' && kind !== 'keyword') return undefined;
    return Object.hasOwn(names, text) ? names[text] : undefined;
  }

  #unary(): Expr {
    const { kind, text, at } = this.#token;
    if (kind !== 'symbol' || (text !== '!' && text !== '-')) return this.#member();
    const next = this.#tokens[this.#next + 1];
    if (text === '-' && (next?.kind === 'int' || next?.kind === 'float')) return this.#member();
    let count = 0;
    while (this.#take(text)) count++;
    const operand = this.#member();
    if (count % 2 === 0) return operand;
    return this.#call(at, text === '!' ? operators.not : operators.negate, [operand]);
  }

  #member(): Expr {
    return this.#nested('member', () => {
      let links = 0;
      let expr = this.#primary();
      for (let next = this.#suffix(expr); next !== undefined; next = this.#suffix(expr)) {
        this.#deepen('member');
        links++;
        expr = next;
      }
      this.#depths.member -= links;
      return expr;
    });
  }

  /** What follows `operand` directly: `.field`, `.method(…)`, `[index]`; undefined when it is something else. */
  #suffix(operand: Expr): Expr | undefined {
    const dot = this.#take('.');
    if (dot !== undefined) return this.#selected(dot.at, operand);
    const bracket = this.#take('[');
    if (bracket === undefined) return undefined;
    const name = this.#take('?') === undefined ? operators.index : operators.optionalIndex;
    const index = this.#expr();
    this.#expect(']');
    return this.#call(bracket.at, name, [operand, index]);
  }

  #selected(at: number, operand: Expr): Expr {
    if (this.#take('?') !== undefined) {
      const { field, at: fieldAt } = this.#fieldName();
      const name: Expr = { kind: 'literal', at: fieldAt, value: field };
      return { kind: 'call', at, name: operators.optionalSelect, args: [operand, name] };
    }
    const isPlain = this.#token.kind === 'identifier';
    const { field } = this.#fieldName();
    const open = isPlain ? this.#take('(') : undefined;
    if (open !== undefined) return this.#call(open.at, field, this.#args(), operand);
    const selected: Expr = { kind: 'select', at, operand, field, isTest: false };
    const typeName = qualifiedName(selected);
    if (typeName !== undefined && this.#isAt('{')) return this.#object(typeName);
    return selected;
  }

  #fieldName(): { field: string; at: number } {
    const { kind, text, at } = this.#token;
    if (kind === 'identifier') {
      this.#advance();
      return { field: text, at };
    }
    if (kind !== 'escaped') throw this.#unexpected("{'?', IDENTIFIER, ESC_IDENTIFIER}");
    this.#advance();
    this.#issues.report(at, "unsupported syntax: '`'");
    return { field: text.slice(1, -1), at };
  }

  #primary(): Expr {
    const token = this.#token;
    const { kind, text, at } = token;
    if (kind === 'identifier' || (kind === 'symbol' && text === '.')) return this.#identOrCall();
    if (kind === 'symbol' && text === '(') {
      this.#advance();
      const expr = this.#expr();
      this.#expect(')');
      return expr;
    }
    if (kind === 'symbol' && text === '[') return this.#list(this.#advance().at);
    if (kind === 'symbol' && text === '{') return this.#map(this.#advance().at);
    return this.#literal(at);
  }

  #identOrCall(): Expr {
    const at = this.#token.at;
    const dot = this.#take('.') === undefined ? '' : '.';
    const token = this.#token;
    if (token.kind !== 'identifier') throw this.#unexpected('IDENTIFIER');
    this.#advance();
    const name = dot + token.text;
    if (this.#isAt('{')) return this.#object(name);
    const open = this.#take('(');
    if (reservedWords.has(token.text)) this.#issues.report(at, `reserved identifier: ${token.text}`);
    if (open !== undefined) return this.#call(open.at, name, this.#args());
    return { kind: 'ident', at: token.at, name };
  }

  /** Up to the closing parenthesis. */
  #args(): Expr[] {
    const args: Expr[] = [];
    if (this.#take(')') !== undefined) return args;
    do args.push(this.#expr());
    while (this.#take(',') !== undefined);
    this.#expect(')');
    return args;
  }

  #list(at: number): Expr {
    const elements: Expr[] = [];
    const optionals = new Set<number>();
    this.#items(']', () => {
      if (this.#take('?') !== undefined) optionals.add(elements.length);
      elements.push(this.#expr());
    });
    return { kind: 'list', at, elements, optionals };
  }

  #map(at: number): Expr {
    const entries: EntryExpr[] = [];
    this.#items('}', () => {
      const isOptional = this.#take('?') !== undefined;
      const key = this.#expr();
      const colon = this.#expect(':');
      entries.push({ at: colon.at, key, value: this.#expr(), isOptional });
    });
    return { kind: 'map', at, entries };
  }

  #object(typeName: string): Expr {
    const { at } = this.#expect('{');
    const fields: FieldExpr[] = [];
    this.#items('}', () => {
      const isOptional = this.#take('?') !== undefined;
      const { field } = this.#fieldName();
      const colon = this.#expect(':');
      fields.push({ at: colon.at, name: field, value: this.#expr(), isOptional });
    });
    return { kind: 'object', at, typeName, fields };
  }

  /** Items between commas, of which the last may be followed by one too. */
  #items(end: string, item: () => void): void {
    while (this.#take(end) === undefined) {
      if (this.#isAt(',')) {
        this.#advance();
        this.#expect(end);
        return;
      }
      item();
      if (this.#take(end) !== undefined) return;
      this.#expect(',', `{'${end}', ','}`);
    }
  }

  #literal(at: number): Expr {
    const minus = this.#take('-');
    const { kind, text } = this.#token;
    const sign = minus === undefined ? '' : '-';
    if (kind === 'int') return this.#number(at, intLiteral(text, minus !== undefined), 'int');
    if (kind === 'float') return this.#number(at, doubleLiteral(sign + text), 'double');
    if (minus === undefined) {
      if (kind === 'uint') return this.#number(at, uintLiteral(text), 'uint');
      if (kind === 'string') return this.#text(at, stringLiteral(text));
      if (kind === 'bytes') return this.#text(at, bytesLiteral(text.slice(1)));
      if (kind === 'keyword' && text !== 'in') {
        this.#advance();
        return { kind: 'literal', at, value: text === 'null' ? null : text === 'true' };
      }
    }
    throw this.#unexpected(beginnings);
  }

  #number(at: number, value: ReturnType<typeof intLiteral>, type: string): Expr {
    this.#advance();
    if (value === undefined) this.#issues.report(at, `invalid ${type} literal`);
    return { kind: 'literal', at, value: value ?? 0 };
  }

  #text(at: number, read: { value: string | Uint8Array } | { problem: string }): Expr {
    this.#advance();
    if ('problem' in read) {
      this.#issues.report(at, read.problem);
      return { kind: 'literal', at, value: '' };
    }
    return { kind: 'literal', at, value: read.value };
  }

  /** A call, or what the macro of this name stands for. */
  #call(at: number, name: string, args: readonly Expr[], target?: Expr): Expr {
    const macro = this.#macros.get(macroKey(name, args.length, target !== undefined));
    if (macro !== undefined) {
      const expansion = macro.expand(at, args, target);
      if (!('problem' in expansion)) return expansion;
      this.#issues.report(expansion.at, expansion.problem);
    }
    return target === undefined ? { kind: 'call', at, name, args } : { kind: 'call', at, name, args, target };
  }

  #nested(rule: Rule, read: () => Expr): Expr {
    this.#deepen(rule);
    const expr = read();
    this.#depths[rule]--;
    return expr;
  }

  #deepen(rule: Rule): void {
    this.#depths[rule]++;
    if (this.#depths[rule] > depthMax) {
      throw new SyntaxProblem(undefined, `expression recursion limit exceeded: ${depthMax}`);
    }
  }

  get #token(): Token {
    return this.#tokens[this.#next]!;
  }

  #advance(): Token {
    return this.#tokens[this.#next++]!;
  }

  #isAt(symbol: string): boolean {
    const { kind, text } = this.#token;
    return kind === 'symbol' && text === symbol;
  }

  #take(symbol: string): Token | undefined {
    return this.#isAt(symbol) ? this.#advance() : undefined;
  }

  #expect(symbol: string, expected = `'${symbol}'`): Token {
    const token = this.#take(symbol);
    if (token === undefined) throw this.#unexpected(expected);
    return token;
  }

  #unexpected(expected: string): SyntaxProblem {
    const { text, at } = this.#token;
    return new SyntaxProblem(at, `mismatched input '${text}' expecting ${expected}`);
  }
}

const macroKey = (name: string, argCount: number, isMethod: boolean) =>
  `${isMethod ? '.' : ''}${name}/${argCount}`;

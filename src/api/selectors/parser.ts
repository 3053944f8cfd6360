/** Parses a label selector (`a=b,c in (d,e),!f`) with the errors of apimachinery's `labels.Parse`. */

import { aggregateText } from '../go/aggregate.ts';
import { parseInt64 } from '../go/integers.ts';
import { labelValue, qualifiedName } from '../validation/validators.ts';
import { type Requirement, SelectorError, type SelectorOperator } from './requirement.ts';

interface Token {
  readonly kind:
    | 'end'
    | 'identifier'
    | 'in'
    | 'notin'
    | '('
    | ')'
    | ','
    | '!'
    | '='
    | '=='
    | '!='
    | '>'
    | '<'
    | 'error';
  readonly text: string;
}

/** Sorted by key. Throws `SelectorError`. */
export function parseLabelRequirements(text: string): Requirement[] {
  const parser = new Parser(tokens(text));
  return sorted(parser.parse());
}

function sorted(requirements: Requirement[]): Requirement[] {
  const isSorted = requirements.every(
    (requirement, i) => i === 0 || byKey(requirements[i - 1]!, requirement) <= 0,
  );
  return isSorted ? requirements : requirements.sort(byKey);
}

/** The canonical order of requirements. */
export function byKey(a: Requirement, b: Requirement): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

const spaces: ReadonlySet<string> = new Set(' \t\r\n');
const symbols = ['==', '!=', '=', '!', '(', ')', ',', '>', '<'] as const;
const tokenOf: Readonly<Record<string, Token>> = Object.assign(
  Object.create(null),
  Object.fromEntries(symbols.map((symbol) => [symbol, { kind: symbol, text: symbol }])),
);

/**
 * About ten thousand requirements or values, many times what fits into a URL. Upstream limits only the
 * request.
 */
const tokensMax = 50_000;

/**
 * One scan of the text, without a match object for each token: a selector may be a million characters long.
 */
function tokens(text: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const start = at++;
    const character = text[start]!;
    if (found.length >= tokensMax) throw new SelectorError(`the selector has more than ${tokensMax} tokens`);
    if (spaces.has(character)) continue;
    if ((character === '=' || character === '!') && text[at] === '=') {
      found.push(tokenOf[`${character}=`]!);
      at++;
    } else if (character in tokenOf) found.push(tokenOf[character]!);
    else {
      while (at < text.length && !(text[at]! in tokenOf) && !spaces.has(text[at]!)) at++;
      found.push(wordToken(text.slice(start, at)));
    }
  }
  found.push({ kind: 'end', text: '' });
  return found;
}

function wordToken(word: string): Token {
  return { kind: word === 'in' || word === 'notin' ? word : 'identifier', text: word };
}

const operators: ReadonlySet<string> = new Set(['in', 'notin', '=', '==', '!=']);

class Parser {
  readonly tokens: readonly Token[];
  at = 0;

  constructor(list: readonly Token[]) {
    this.tokens = list;
  }

  parse(): Requirement[] {
    const requirements: Requirement[] = [];
    for (;;) {
      const token = this.peek(true);
      if (token.kind === 'end') return requirements;
      if (token.kind !== 'identifier' && token.kind !== '!') {
        throw expected(token, "!, identifier, or 'end of string'");
      }
      requirements.push(this.requirement());
      const after = this.next();
      if (after.kind === 'end') return requirements;
      if (after.kind !== ',') throw expected(after, "',' or 'end of string'");
      const following = this.peek(true);
      if (following.kind !== 'identifier' && following.kind !== '!') {
        throw expected(following, "identifier after ','");
      }
    }
  }

  requirement(): Requirement {
    try {
      return checked(this.readRequirement());
    } catch (error) {
      if (error instanceof SelectorError) {
        throw new SelectorError(`unable to parse requirement: ${error.message}`);
      }
      throw error;
    }
  }

  readRequirement(): Requirement {
    const negated = this.peek(true).kind === '!';
    if (negated) this.next();
    const key = this.next(true);
    if (key.kind !== 'identifier') throw expected(key, 'identifier');
    checkKey(key.text);
    const after = this.peek();
    if (negated || after.kind === 'end' || after.kind === ',') {
      return { key: key.text, operator: negated ? '!' : 'exists', values: [] };
    }
    const operator = this.operator();
    if (operator === 'in' || operator === 'notin') return { key: key.text, operator, values: this.values() };
    return { key: key.text, operator, values: [this.exactValue()] };
  }

  operator(): SelectorOperator {
    const token = this.next();
    if (token.kind === '>') return 'gt';
    if (token.kind === '<') return 'lt';
    if (operators.has(token.kind)) return token.kind as SelectorOperator;
    throw expected(token, 'in, notin, =, ==, !=, gt, lt');
  }

  /** Nothing after the operator is the empty value. */
  exactValue(): string {
    const token = this.peek(true);
    if (token.kind === 'end' || token.kind === ',') return '';
    this.next();
    if (token.kind !== 'identifier') throw expected(token, 'identifier');
    return token.text;
  }

  values(): string[] {
    const open = this.next();
    if (open.kind !== '(') throw new SelectorError(`found '${open.text}' expected: '('`);
    const values = new Set<string>();
    let expectsValue = true;
    for (;;) {
      const token = this.next(true);
      if (token.kind === 'identifier' && expectsValue) {
        values.add(token.text);
        expectsValue = false;
      } else if (token.kind === ',') {
        if (expectsValue) values.add('');
        expectsValue = true;
      } else if (token.kind === ')') {
        if (expectsValue) values.add('');
        return [...values].sort();
      } else {
        throw expected(token, expectsValue ? "',', ')' or identifier" : "',' or ')'");
      }
    }
  }

  /** As a value or key, `in` and `notin` are plain words. */
  peek(plainWords = false): Token {
    const token = this.tokens[this.at]!;
    const isWord = token.kind === 'in' || token.kind === 'notin';
    return plainWords && isWord ? { kind: 'identifier', text: token.text } : token;
  }

  next(plainWords = false): Token {
    const token = this.peek(plainWords);
    if (this.at < this.tokens.length - 1) this.at++;
    return token;
  }
}

function expected(token: Token, what: string): SelectorError {
  return new SelectorError(`found '${token.text}', expected: ${what}`);
}

/** Fast path for most keys and values: valid as either. */
const plainWord = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

function checkKey(key: string): void {
  if (plainWord.test(key)) return;
  const wrong = qualifiedName(key);
  if (wrong.length === 0) return;
  throw new SelectorError(`<nil>: Invalid value: ${JSON.stringify(key)}: ${wrong.join('; ')}`);
}

function checked(requirement: Requirement): Requirement {
  const { key, operator, values } = requirement;
  const isNumeric = operator === 'gt' || operator === 'lt';
  if (!isNumeric && values.every((value) => plainWord.test(value))) return requirement;
  const errors: string[] = [];
  const say = (field: string, value: string | undefined, why: string) =>
    errors.push(`${field}: Invalid value: ${JSON.stringify(value)}: ${why}`);
  if (isNumeric && typeof parseInt64(values[0] ?? '') === 'string') {
    say('values[0]', values[0], "for 'Gt', 'Lt' operators, the value must be an integer");
  }
  values.forEach((value, i) => {
    const wrong = labelValue(value);
    if (wrong.length > 0) say(`values[${i}][${key}]`, value, wrong.join('; '));
  });
  if (errors.length === 0) return requirement;
  throw new SelectorError(aggregateText(errors));
}

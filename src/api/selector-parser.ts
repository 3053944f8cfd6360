/** Reads the text of a label selector (`a=b,c in (d,e),!f`) with the errors of apimachinery's `labels.Parse`. */

import { type Requirement, SelectorError, type SelectorOperator } from './selector-requirement.ts';
import { labelValue, qualifiedName } from './validators.ts';

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
  return parser.parse().sort(byKey);
}

/** The order that selectors are written in. */
export function byKey(a: Requirement, b: Requirement): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

const symbols = ['==', '!=', '=', '!', '(', ')', ',', '>', '<'] as const;

function tokens(text: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at);
    const space = /^[ \t\r\n]+/.exec(rest)?.[0];
    if (space) {
      at += space.length;
      continue;
    }
    const symbol = symbols.find((one) => rest.startsWith(one));
    const word = symbol ?? /^[^ \t\r\n=!(),><]+/.exec(rest)?.[0] ?? rest;
    found.push(symbol ? { kind: symbol, text: symbol } : wordToken(word));
    at += word.length;
  }
  found.push({ kind: 'end', text: '' });
  return found;
}

function wordToken(word: string): Token {
  return { kind: word === 'in' || word === 'notin' ? word : 'identifier', text: word };
}

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
      if (error instanceof SelectorError)
        throw new SelectorError(`unable to parse requirement: ${error.message}`);
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
    if (['in', 'notin', '=', '==', '!='].includes(token.kind)) return token.kind as SelectorOperator;
    throw expected(token, 'in, notin, =, ==, !=, gt, lt');
  }

  /** Nothing after the sign is the empty value. */
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

function checkKey(key: string): void {
  const wrong = qualifiedName(key);
  if (wrong.length === 0) return;
  throw new SelectorError(`<nil>: Invalid value: ${JSON.stringify(key)}: ${wrong.join('; ')}`);
}

function checked(requirement: Requirement): Requirement {
  const { key, operator, values } = requirement;
  const errors: string[] = [];
  const say = (field: string, value: string | undefined, why: string) =>
    errors.push(`${field}: Invalid value: ${JSON.stringify(value)}: ${why}`);
  if ((operator === 'gt' || operator === 'lt') && !/^[+-]?\d+$/.test(values[0] ?? '')) {
    say('values[0]', values[0], "for 'Gt', 'Lt' operators, the value must be an integer");
  }
  values.forEach((value, i) => {
    const wrong = labelValue(value);
    if (wrong.length > 0) say(`values[${i}][${key}]`, value, wrong.join('; '));
  });
  if (errors.length === 0) return requirement;
  throw new SelectorError(errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`);
}

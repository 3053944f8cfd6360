/**
 * Indents lines within brackets and quotes. go-yaml accepts any indentation there (`args: [` with the closing
 * bracket below the `a` is common); the parser here does not, as YAML 1.2 demands.
 */

/** Deeper than any text is indented. */
const padding = ' '.repeat(64);

export function indentFlowLines(text: string): string {
  return new FlowLines(text).indented();
}

/** Walks the lines; text outside brackets and quotes is skipped as a plain or a block scalar. */
class FlowLines {
  readonly #text: string;
  readonly #pieces: string[] = [];
  /** Copied to the output up to here. */
  #copied = 0;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  indented(): string {
    while (this.#at < this.#text.length) {
      const indent = this.#spaces();
      this.#node(indent);
    }
    this.#pieces.push(this.#text.slice(this.#copied));
    return this.#pieces.join('');
  }

  #spaces(): number {
    const from = this.#at;
    while (this.#text[this.#at] === ' ') this.#at++;
    return this.#at - from;
  }

  /** Text where a node may begin, with the rest of its line. */
  #node(indent: number): void {
    const prefix = this.#match(/(?:[-?:][ \t]+|[!&][^\s]*[ \t]+)+/y);
    if (prefix) this.#at += prefix.length;
    const character = this.#text[this.#at] ?? '\n';
    if (character === '[' || character === '{') this.#brackets();
    else if (character === '"' || character === "'") this.#quotes(character);
    else if (character === '|' || character === '>') {
      this.#blockScalar(indent);
      return;
    } else this.#at += this.#match(/(?:[^:#\r\n]|:(?=[^\s])|(?<=[^\s])#)*/y).length;
    const key = this.#match(/[ \t]*:(?=\s|$)[ \t]*/y);
    this.#at += key.length;
    if (key && !this.#isAtEnd()) this.#node(indent);
    else this.#line();
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text)?.[0] ?? '';
  }

  #isAtEnd(): boolean {
    return this.#at >= this.#text.length || /[\r\n]/.test(this.#text[this.#at]!);
  }

  #line(): void {
    const end = this.#text.indexOf('\n', this.#at);
    this.#at = end < 0 ? this.#text.length : end + 1;
  }

  #blockScalar(indent: number): void {
    this.#line();
    for (;;) {
      const blank = this.#match(/ *(?:\r?\n|$)/y);
      const deeper = this.#match(/ */y).length > indent;
      if (this.#at >= this.#text.length || (blank === '' && !deeper)) return;
      this.#line();
    }
  }

  #brackets(): void {
    let depth = 0;
    let isTokenStart = true;
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at]!;
      if (isTokenStart && (character === '"' || character === "'")) {
        this.#quotes(character);
        isTokenStart = false;
        continue;
      }
      if (character === '#' && /\s/.test(this.#text[this.#at - 1]!)) {
        this.#at = this.#text.indexOf('\n', this.#at) - 1;
      }
      if (this.#at < 0) this.#at = this.#text.length - 1;
      if (character === '[' || character === '{') depth++;
      else if (character === ']' || character === '}') depth--;
      else if (character === '\n') this.#pad();
      if ('[{,:?'.includes(character)) isTokenStart = true;
      else if (!/\s/.test(character)) isTokenStart = false;
      this.#at++;
      if (depth === 0) return;
    }
  }

  #quotes(quote: string): void {
    for (this.#at++; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at]!;
      if (character === '\n') this.#pad();
      else if (character === '\\' && quote === '"') this.#at++;
      else if (character === quote && this.#text[this.#at + 1] === quote && quote === "'") this.#at++;
      else if (character === quote) break;
    }
    this.#at++;
  }

  /** Behind the current line break. */
  #pad(): void {
    this.#pieces.push(this.#text.slice(this.#copied, this.#at + 1), padding);
    this.#copied = this.#at + 1;
  }
}

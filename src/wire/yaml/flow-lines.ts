/**
 * Lines within brackets and quotes, moved to the right. go-yaml does not care how far they are indented (`args: [` with the closing
 * bracket below the `a` is common); the parser here does, as YAML 1.2 asks for.
 */

/** More than any text is deep. */
const padding = ' '.repeat(64);

export function indentFlowLines(text: string): string {
  return new FlowLines(text).indented();
}

/** Walks the lines; text that is no bracket and no quote is passed over as a plain or a block scalar. */
class FlowLines {
  readonly #text: string;
  readonly #pieces: string[] = [];
  /** Copied up to here. */
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

  /** What stands where a node may begin, with all that follows it in its line. */
  #node(indent: number): void {
    const prefix = this.#match(/(?:[-?:][ \t]+|[!&][^\s]*[ \t]+)+/y);
    if (prefix) this.#at += prefix.length;
    const sign = this.#text[this.#at] ?? '\n';
    if (sign === '[' || sign === '{') this.#brackets();
    else if (sign === '"' || sign === "'") this.#quotes(sign);
    else if (sign === '|' || sign === '>') {
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
      const sign = this.#text[this.#at]!;
      if (isTokenStart && (sign === '"' || sign === "'")) {
        this.#quotes(sign);
        isTokenStart = false;
        continue;
      }
      if (sign === '#' && /\s/.test(this.#text[this.#at - 1]!)) {
        this.#at = this.#text.indexOf('\n', this.#at) - 1;
      }
      if (this.#at < 0) this.#at = this.#text.length - 1;
      if (sign === '[' || sign === '{') depth++;
      else if (sign === ']' || sign === '}') depth--;
      else if (sign === '\n') this.#pad();
      if ('[{,:?'.includes(sign)) isTokenStart = true;
      else if (!/\s/.test(sign)) isTokenStart = false;
      this.#at++;
      if (depth === 0) return;
    }
  }

  #quotes(quote: string): void {
    for (this.#at++; this.#at < this.#text.length; this.#at++) {
      const sign = this.#text[this.#at]!;
      if (sign === '\n') this.#pad();
      else if (sign === '\\' && quote === '"') this.#at++;
      else if (sign === quote && this.#text[this.#at + 1] === quote && quote === "'") this.#at++;
      else if (sign === quote) break;
    }
    this.#at++;
  }

  /** Behind the line break at hand. */
  #pad(): void {
    this.#pieces.push(this.#text.slice(this.#copied, this.#at + 1), padding);
    this.#copied = this.#at + 1;
  }
}

/** Collects the errors of an expression, printed as upstream: each with its line of the source and a mark below. */

import type { CelIssue, CelIssues } from '../contract.ts';

const issuesMax = 100;
const snippetBytesMax = 16_384;

/** Finds the line and the column of a position in an expression. */
export class Source {
  readonly characters: readonly string[];
  #lineStarts: number[] | undefined;

  constructor(text: string) {
    this.characters = Array.from(text);
  }

  get isEmpty(): boolean {
    return this.characters.length === 0;
  }

  /** Of the character with this index. */
  locate(at: number): { line: number; column: number } {
    const starts = this.#starts();
    let line = starts.length;
    while (starts[line - 1]! > at) line--;
    return { line, column: at - starts[line - 1]! };
  }

  /** The text of a line, from 1. */
  lineText(line: number): string[] {
    const starts = this.#starts();
    const end = starts[line] === undefined ? this.characters.length : starts[line]! - 1;
    return this.characters.slice(starts[line - 1]!, end);
  }

  #starts(): number[] {
    if (this.#lineStarts === undefined) {
      this.#lineStarts = [0];
      for (const [index, character] of this.characters.entries()) {
        if (character === '\n') this.#lineStarts.push(index + 1);
      }
    }
    return this.#lineStarts;
  }
}

export class IssueList {
  readonly #source: Source;
  readonly #issues: CelIssue[] = [];
  #count = 0;

  constructor(source: Source) {
    this.#source = source;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** `at`: the index of a character; undefined for an error of the whole expression. */
  report(at: number | undefined, message: string): void {
    this.#count++;
    if (this.#count > issuesMax) return;
    const place = at === undefined ? { line: -1, column: -1 } : this.#source.locate(at);
    this.#issues.push({ ...place, message });
  }

  /** A syntax error; without a position it is one of the whole expression. */
  reportAt(line: number | undefined, column: number | undefined, message: string): void {
    this.#count++;
    if (this.#count > issuesMax) return;
    const isPlaced = line !== undefined && column !== undefined;
    this.#issues.push(
      isPlaced ? { line, column, message: `Syntax error: ${message}` } : { line: -1, column: -1, message },
    );
  }

  result(): CelIssues {
    const issues = this.#issues.toSorted((a, b) => a.line - b.line || a.column - b.column);
    const lines = issues.map((issue) => this.#shown(issue));
    if (this.#count > issuesMax) lines.push(`${this.#count - issuesMax} more errors were truncated`);
    return { issues, text: lines.join('\n') };
  }

  #shown({ line, column, message }: CelIssue): string {
    const head = `ERROR: <input>:${line}:${column + 1}: ${message}`;
    if (line < 1) return head;
    // As upstream, an empty text has no place for an error.
    if (this.#source.isEmpty) return `ERROR: <input>:1:0: ${message}`;
    const characters = this.#source.lineText(line);
    const text = characters.join('').replaceAll('\t', ' ');
    if (Buffer.byteLength(text) > snippetBytesMax) return head;
    const dots = characters.slice(0, column).map((character) => (isWide(character) ? '．' : '.'));
    const mark = isWide(characters[column]) ? '＾' : '^';
    return `${head}\n | ${text}\n | ${dots.join('')}${mark}`;
  }
}

const isWide = (character: string | undefined) => character !== undefined && character.codePointAt(0)! > 0x7f;

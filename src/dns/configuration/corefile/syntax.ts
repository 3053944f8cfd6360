/**
 * The syntax of a Corefile: server blocks of directives, one a line, which may have a block of their own. Quotes,
 * comments and continued lines as CoreDNS reads them.
 */

import { InvalidConfiguration } from '../invalid.ts';

export interface Directive {
  readonly name: string;
  readonly args: readonly string[];
  /** From 1. */
  readonly line: number;
  readonly block: readonly Directive[];
}

export interface ServerBlock {
  readonly keys: readonly string[];
  readonly line: number;
  readonly directives: readonly Directive[];
}

interface Line {
  readonly words: readonly string[];
  readonly line: number;
}

const depthMax = 4;

/** Throws `InvalidConfiguration`. */
export function parseCorefile(text: string): ServerBlock[] {
  const lines = new Lines(text);
  const blocks: ServerBlock[] = [];
  for (let line = lines.next(); line; line = lines.next()) {
    if (line.words.at(-1) !== '{') throw invalid(line, `expected "{" after ${line.words.join(' ')}`);
    const keys = line.words
      .slice(0, -1)
      .flatMap((word) => word.split(','))
      .filter((key) => key !== '');
    if (keys.length === 0) throw invalid(line, 'a server block names no zone');
    blocks.push({ keys, line: line.line, directives: directivesOf(lines, line, 1) });
  }
  return blocks;
}

function directivesOf(lines: Lines, opened: Line, depth: number): Directive[] {
  if (depth > depthMax) throw invalid(opened, 'blocks are nested too deeply');
  const directives: Directive[] = [];
  for (let line = lines.next(); line; line = lines.next()) {
    const [name = '', ...args] = line.words;
    if (name === '}') return directives;
    const isOpen = args.at(-1) === '{';
    const block = isOpen ? directivesOf(lines, line, depth + 1) : [];
    directives.push({ name, args: isOpen ? args.slice(0, -1) : args, line: line.line, block });
  }
  throw invalid(opened, '"{" is not closed');
}

function invalid({ line }: Line, what: string): InvalidConfiguration {
  return new InvalidConfiguration(`line ${line}: ${what}`);
}

/** Lines that have words. */
class Lines {
  readonly #lines: readonly string[];
  #next = 0;

  constructor(text: string) {
    this.#lines = text.split('\n');
  }

  next(): Line | undefined {
    while (this.#next < this.#lines.length) {
      const words = wordsOf(this.#lines[this.#next++] ?? '');
      if (words.length > 0) return { words, line: this.#next };
    }
    return undefined;
  }
}

function wordsOf(line: string): string[] {
  const words: string[] = [];
  for (const match of line.matchAll(/"((?:[^"\\]|\\.)*)"|(#.*)|(\S+)/g)) {
    if (match[2] !== undefined) break;
    words.push(match[1] ?? match[3] ?? '');
  }
  return words;
}

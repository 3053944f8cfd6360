/**
 * The eighth wall: comments wrap where code does. Tables and drawings keep their lines, and a sentence may
 * begin on a line of its own; a sentence that breaks long before the width, or runs far beyond it, fails.
 */

import type { Finding } from './machine.ts';

/** The formatter's width, and how far a line may be from it. */
const columns = 110;
const tolerance = 15;

const commentLine = /^(\s*(?:\*|\/\/) )(\s*)(\S.*)$/;
/** It has one place to break: the rest is a URL or a path. */
const unbreakable = /\S{60,}/;

export function oddlyWrapped(file: string, text: string): Finding[] {
  if (!file.endsWith('.ts') || file.includes('.gen.')) return [];
  const lines = text.split('\n');
  return lines.flatMap((line, i) => {
    const comment = commentLine.exec(line);
    if (!comment || line.includes('|')) return [];
    if (line.length > columns + tolerance && !unbreakable.test(line)) {
      return [{ line: i + 1, why: `a comment wraps at ${columns} columns, not at ${line.length}` }];
    }
    return breaksEarly(comment, lines[i + 1] ?? '')
      ? [{ line: i + 1, why: `a sentence goes on to ${columns} columns before it wraps` }]
      : [];
  });
}

/** The next line goes on with the sentence, and its first word had room here. */
function breaksEarly([line, start, indent, words]: RegExpExecArray, below: string): boolean {
  const next = commentLine.exec(below);
  if (!next || indent !== '' || next[1] !== start || next[2] !== '') return false;
  if (/[.:;|]$/.test(words!) || !/^[A-Za-z`(]/.test(next[3]!)) return false;
  return line!.length + 1 + next[3]!.split(' ')[0]!.length <= columns - tolerance;
}

/** What go-yaml says of brackets that are not closed, or of what stands between them, and in which line. */

import type { YAMLException } from 'js-yaml';

/** Quoted texts, comments and line breaks, which hold no brackets; brackets; all else in single characters. */
const pieces = /"(?:[^"\\]|\\.)*"?|'(?:[^']|'')*'?|(?<=^|\s)#[^\n]*|\s+|./gs;

export function flowComplaint({ mark }: YAMLException): string {
  const { buffer, position, line } = mark!;
  // The parser has put a zero at the end of the text.
  const text = buffer.slice(0, position).replace(/\0$/, '');
  const isAtEnd = /^\0?$/.test(buffer.slice(position));
  // go-yaml counts from zero, and ends the last line before it finds the end; lines within brackets were indented.
  const at = line + (isAtEnd && !/(?:^|\n) *$/.test(text) ? 1 : 0);
  return `yaml: ${at > 0 ? `line ${at}: ` : ''}${words(text, isAtEnd)}`;
}

function words(text: string, isAtEnd: boolean): string {
  const open: string[] = [];
  let last = '';
  for (const [piece] of text.matchAll(pieces)) {
    if (/^\s|^#/.test(piece)) continue;
    last = piece;
    if (piece === '[' || piece === '{') open.push(piece);
    else if (piece === ']' || piece === '}') open.pop();
  }
  if (isAtEnd && /^[[{,:]$/.test(last)) return 'did not find expected node content';
  return `did not find expected ',' or '${open.at(-1) === '{' ? '}' : ']'}'`;
}

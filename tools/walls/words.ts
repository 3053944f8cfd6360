/** The sixth wall: the words and the dress of docs/STYLE.md, as far as a machine can see them. */

import { roomsInHouseWords, type WordEdge, wordEdges } from '../layers.ts';
import type { Finding } from './machine.ts';
import { codeOf } from './source.ts';

/** Words of this house, each with the words that a Kubernetes engineer expects. */
export const plainWords: Readonly<Record<string, string>> = {
  whoever: 'the noun: the caller, the client',
  nobody: 'no client, no pod, unused',
  somebody: 'the noun',
  anybody: 'the noun',
  anew: 'again',
  told: 'reported, recorded, called, notified',
  tells: 'reports, records, notifies',
  wish: 'request, options',
  wishes: 'requests, options',
  letGo: 'release',
  lastWords: 'terminationMessage',
  stranger: 'the noun: another client, an outside client',
  strangers: 'the noun: other clients, outside clients',
  condemned: 'to be deleted, obsolete',
  signs: 'characters',
};

/** Phrases with `one` for a noun that the reader has to look for. */
const nameless = /\b(?:another|the other) one\b/gi;

/** They name the words. */
const ownFiles = ['tools/layers.ts', 'tools/layers.test.ts', 'tools/walls/words.ts'];
const byWord = new Map(Object.entries(plainWords).map(([word, use]) => [word.toLowerCase(), use]));
const alternatives = Object.keys(plainWords).join('|');
/** As a word, or as a part of a name: `tableWish`, `toldOf`. "Signs" begins a sentence as a verb only. */
const anyWord = new RegExp(
  `(?<![A-Za-z])(?:${alternatives}|${capitalized(['signs'])})(?![a-z])|(?<=[a-z])(?:${capitalized()})(?![a-z])`,
  'g',
);

function capitalized(without: readonly string[] = []): string {
  return Object.keys(plainWords)
    .filter((word) => !without.includes(word))
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('|');
}

/** House words in comments, texts and names, but for the named edges. */
export function houseWords(file: string, text: string, edges: readonly WordEdge[] = wordEdges): Finding[] {
  if (file.includes('.gen.') || ownFiles.includes(file)) return [];
  if (roomsInHouseWords.some((room) => file.startsWith(`${room}/`))) return [];
  const allowed = edges.filter(({ path }) => file === path || file.startsWith(`${path}/`));
  const found = [...text.matchAll(anyWord)]
    .filter(([word]) => !allowed.some(({ allows }) => allows.includes(word.toLowerCase())))
    .map((match) => ({
      line: lineOf(text, match.index),
      why: `"${match[0]}" is a word of this house: say ${byWord.get(match[0].toLowerCase())}`,
    }));
  const phrases = [...text.matchAll(nameless)].map((match) => ({
    line: lineOf(text, match.index),
    why: `"${match[0]}" hides what it is: say the noun`,
  }));
  return [...found, ...phrases, ...vagueNames(file, text, allowed)];
}

/** Types of the schema have a property `of`, which is written the same in an object as a parameter. */
const vague =
  /(?:const|let|\(|, |\[)\s*(one)(?=[,)\]: ]| =>| of )|(?:const|let|\() ?(of)\b|, (of)(?:\)|\]|\??: [A-Z])/g;

/** A variable called `one`, or `of`, which hides what it is. */
function vagueNames(file: string, text: string, allowed: readonly WordEdge[]): Finding[] {
  if (!file.startsWith('src/')) return [];
  const code = codeOf(text);
  return [...code.matchAll(vague)]
    .map((match) => ({ name: match[1] ?? match[2] ?? match[3]!, at: match.index }))
    .filter(({ name }) => !allowed.some(({ allows }) => allows.includes(name)))
    .map(({ name, at }) => ({
      line: lineOf(code, at),
      why: `\`${name}\` says nothing: name it by its noun`,
    }));
}

const privateField = /^\s*(?:private|protected) (?!constructor\b)/;
const header = /^(\s*)(?:\} )?(?:else )?(?:if|for|for await|while) \(.*[^{]$/;
const openHeader = /^(\s*)(?:\} )?(?:else )?(?:if|for|for await|while) \($/;

/** Fields that are private to the compiler alone, and bodies on another line without braces. */
export function undressed(file: string, text: string): Finding[] {
  if (!file.endsWith('.ts') || file.includes('.gen.')) return [];
  const lines = text.split('\n');
  return lines.flatMap((line, i) => {
    if (privateField.test(line)) return [{ line: i + 1, why: 'a private field is written #name' }];
    if (isBraceless(lines, i)) return [{ line: i + 1, why: 'a body on another line has braces' }];
    return [];
  });
}

/** Of formatted code: the header ends here, and what follows is indented below it. */
function isBraceless(lines: readonly string[], at: number): boolean {
  const line = lines[at]!;
  const open = openHeader.exec(line);
  if (open) {
    const close = lines.findIndex((text, i) => i > at && text.startsWith(`${open[1]})`));
    return close >= 0 && lines[close] === `${open[1]})`;
  }
  const indent = header.exec(line)?.[1];
  return indent !== undefined && line.endsWith(')') && (lines[at + 1] ?? '').startsWith(`${indent}  `);
}

function lineOf(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

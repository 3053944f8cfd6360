/**
 * `.dockerignore`: which files of a build context are not part of it. The last pattern that matches a file, or a folder
 * above it, decides; `!` takes back. Patterns are those of Go's filepath.Match, with `**` for any number of folders.
 * Facts from https://docs.docker.com/build/concepts/context/#dockerignore-files.
 */

import { posix } from 'node:path';
import { withoutEnding } from '#base/text/without-ending.ts';

export interface IgnoreFile {
  /** `path`: relative to the context. */
  ignores(path: string): boolean;
  /** A folder that is ignored may have files that are not. */
  readonly hasExceptions: boolean;
}

export const noIgnoreFile: IgnoreFile = { ignores: () => false, hasExceptions: false };

interface Pattern {
  readonly matcher: RegExp;
  readonly isIgnored: boolean;
}

/** Throws for a pattern that cannot be read, with its line. */
export function readIgnoreFile(text: string): IgnoreFile {
  const patterns = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .flatMap((line, index) => patternOf(line, index + 1));
  return {
    hasExceptions: patterns.some(({ isIgnored }) => !isIgnored),
    ignores(path) {
      const steps = path.split('/');
      const folders = steps.map((_, index) => steps.slice(0, index + 1).join('/'));
      const decisive = patterns.findLast(({ matcher }) => folders.some((folder) => matcher.test(folder)));
      return decisive?.isIgnored ?? false;
    },
  };
}

function patternOf(line: string, number: number): Pattern[] {
  if (line.startsWith('#')) return [];
  const trimmed = line.trim();
  const isIgnored = !trimmed.startsWith('!');
  const text = isIgnored ? trimmed : trimmed.slice(1).trim();
  if (text === '') return [];
  const clean = withoutEnding(posix.normalize(text).replace(/^\/+/, ''), '/');
  if (clean === '' || clean === '.') return [];
  try {
    return [{ matcher: new RegExp(`^${expressionOf(clean)}$`, 's'), isIgnored }];
  } catch {
    throw new Error(`.dockerignore line ${number}: ${JSON.stringify(text)} is no pattern`);
  }
}

const piece = /\*\*\/|\*\*|\*|\?|\[\^?(?:\\.|[^\]\\])+\]|\\.|[\s\S]/g;

function expressionOf(pattern: string): string {
  return (pattern.match(piece) ?? []).map(expressionOfPiece).join('');
}

function expressionOfPiece(text: string): string {
  if (text === '**/') return '(?:.*/)?';
  if (text === '**') return '.*';
  if (text === '*') return '[^/]*';
  if (text === '?') return '[^/]';
  if (text === '[') throw new Error('it has no end');
  if (text.startsWith('[')) return `(?!/)${text}`;
  const character = text.startsWith('\\') && text.length > 1 ? text.slice(1) : text;
  return character.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

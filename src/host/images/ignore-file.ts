/**
 * `.dockerignore`: which files of a build context are not part of it. The last pattern that matches a file, or a folder
 * above it, decides; `!` takes back. Patterns are those of Go's filepath.Match, with `**` for any number of folders.
 * Facts from https://docs.docker.com/build/concepts/context/#dockerignore-files.
 */

import { posix } from 'node:path';
import { withoutEnding } from '#base/text/without-ending.ts';
import { type PathPattern, pathPattern } from './path-pattern.ts';

export interface IgnoreFile {
  /** `path`: relative to the context. */
  ignores(path: string): boolean;
  /** A folder that is ignored may have files that are not. */
  readonly hasExceptions: boolean;
}

export const noIgnoreFile: IgnoreFile = { ignores: () => false, hasExceptions: false };

interface Pattern {
  readonly matches: PathPattern;
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
      const decisive = patterns.findLast(({ matches }) => folders.some(matches));
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
    return [{ matches: pathPattern(clean), isIgnored }];
  } catch {
    throw new Error(`.dockerignore line ${number}: ${JSON.stringify(text)} is no pattern`);
  }
}

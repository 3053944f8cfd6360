/** What the walls read of a source file: its imports, and its code without comments and strings. */

import { posix } from 'node:path';

export interface Import {
  /** Path below the repository, `src/store/store.ts`. */
  readonly file: string;
  readonly line: number;
  /** As written: `#api/meta/object.ts`, `./x.ts`, `node:fs`. */
  readonly target: string;
  /** The import is erased when the program runs. */
  readonly isType: boolean;
}

const importPattern =
  /(?:^|\n)\s*(?:import|export)\s([^'"]*?)from\s*['"]([^'"]+)['"]|(?:^|[^.\w])import\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)import\s*['"]([^'"]+)['"]/g;

/** Every import of one file. */
export function importsOf(file: string, text: string): Import[] {
  const found: Import[] = [];
  for (const match of text.matchAll(importPattern)) {
    const target = match[2] ?? match[3] ?? match[4] ?? '';
    const end = match.index + match[0].length;
    const line = text.slice(0, end).split('\n').length;
    found.push({ file, line, target, isType: isTypeOnly(match[1]) });
  }
  return found;
}

/** `type { a }`, or `{ type a, type b }`. */
function isTypeOnly(clause: string | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.startsWith('type ')) return true;
  const names = /^\{([^}]*)\}\s*$/
    .exec(clause)?.[1]
    ?.split(',')
    .filter((name) => name.trim() !== '');
  return names?.every((name) => name.trim().startsWith('type ')) === true;
}

/** Path below the repository of what is imported; undefined for a package and for `node:`. */
export function resolved({ file, target }: Import): string | undefined {
  if (target.startsWith('#')) return `src/${target.slice(1)}`;
  if (target.startsWith('.')) return posix.join(posix.dirname(file), target);
  return undefined;
}

/** The code with the same lines, its comments and quoted strings emptied. */
export function codeOf(text: string): string {
  return text.replace(/'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, (word) =>
    word.replace(/[^\n]/g, ''),
  );
}

/** Tests, and the objects and servers they share. */
export function isTestCode(file: string): boolean {
  return (
    file.endsWith('.test.ts') ||
    /(^|\/)testing\//.test(file) ||
    /^test-/.test(posix.basename(file)) ||
    !file.startsWith('src/')
  );
}

/** `store` of `src/store/store.ts`, `main` of `src/main.ts`. */
export function folderOf(file: string): string {
  const parts = file.split('/');
  return parts.length === 2 ? (parts[1] ?? '').replace(/\.ts$/, '') : (parts[1] ?? '');
}

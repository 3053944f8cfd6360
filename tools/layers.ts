/** The layer list of ARCHITECTURE.md as data: which folder of `src/` may import which. */

import { posix } from 'node:path';

const core = ['base', 'wire', 'api', 'pki', 'host', 'client'];

/** `main.ts` counts as the folder `main`. A folder may always import itself. */
export const layers: Readonly<Record<string, readonly string[]>> = {
  base: [],
  wire: ['base'],
  api: ['base', 'wire'],
  pki: ['base'],
  host: ['base'],
  store: ['base', 'wire', 'host'],
  client: ['base', 'wire', 'api', 'host'],
  apiserver: ['base', 'wire', 'api', 'pki', 'host', 'store', 'client'],
  controllers: ['base', 'api', 'client'],
  scheduler: ['base', 'api', 'client'],
  kubelet: core,
  network: ['base', 'api', 'host', 'client'],
  dns: core,
  ingress: core,
  cli: core,
  helm: ['base', 'wire', 'api', 'client'],
  dashboard: ['base', 'wire', 'api', 'host', 'client'],
  cluster: ['*'],
  testing: ['*'],
  main: ['cli', 'cluster', 'host', 'base'],
};

/** Folders whose files may open `node:` modules that touch the machine. */
export const pureFolders = ['base', 'wire', 'api', 'controllers', 'scheduler'];

/** `node:` modules that only compute. */
export const pureModules = ['node:assert', 'node:assert/strict', 'node:util', 'node:buffer', 'node:crypto'];

export interface Import {
  /** Path below the repository, `src/store/store.ts`. */
  readonly file: string;
  readonly line: number;
  /** As written: `#api/meta/object.ts`, `./x.ts`, `node:fs`. */
  readonly target: string;
}

const importPattern =
  /(?:^|\n)\s*(?:import|export)\s[^'"]*?from\s*['"]([^'"]+)['"]|(?:^|[^.\w])import\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)import\s*['"]([^'"]+)['"]/g;

/** Every import of one file. */
export function importsOf(file: string, text: string): Import[] {
  const found: Import[] = [];
  for (const match of text.matchAll(importPattern)) {
    const target = match[1] ?? match[2] ?? match[3] ?? '';
    const end = (match.index ?? 0) + match[0].length;
    found.push({ file, line: text.slice(0, end).split('\n').length, target });
  }
  return found;
}

/** What is wrong with this import, or undefined. Tests may import anything. */
export function violation(one: Import): string | undefined {
  if (one.file.endsWith('.test.ts')) return undefined;
  const from = folderOf(one.file);
  if (one.target.startsWith('node:')) {
    const impure = pureFolders.includes(from) && !pureModules.includes(one.target);
    return impure ? `${from} is pure and may not import ${one.target}` : undefined;
  }
  if (one.target.startsWith('.')) {
    const path = posix.join(posix.dirname(one.file), one.target);
    if (folderOf(path) === from || from === 'main') return undefined;
    return `an import of another folder is written '#folder/file.ts', not ${one.target}`;
  }
  if (!one.target.startsWith('#')) return undefined;
  const to = one.target.slice(1).split('/')[0] ?? '';
  const allowed = layers[from];
  if (!allowed) return `folder ${from} is not in the layer list`;
  if (to === from || allowed.includes('*') || allowed.includes(to)) return undefined;
  return `${from} may not import ${to} (${one.target})`;
}

function folderOf(file: string): string {
  const parts = file.split('/');
  return parts.length === 2 ? (parts[1] ?? '').replace(/\.ts$/, '') : (parts[1] ?? '');
}

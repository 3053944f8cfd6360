/**
 * A wall: outside `host` only named edges open `node:` modules that do more than compute, or go around the
 * borrowed clock and chance.
 */

import { computingModules, type Edge, machineEdges, pureFolders, timeEdges } from '../layers.ts';
import { codeOf, folderOf, type Import, isTestCode } from './source.ts';

/** What is wrong with this import of a `node:` module, or undefined. */
export function opensMachine(link: Import, edges = machineEdges): string | undefined {
  if (!link.target.startsWith('node:') || isOutside(link.file)) return undefined;
  const module = link.target.slice('node:'.length);
  const from = folderOf(link.file);
  const isPure = pureFolders.includes(from);
  if (computingModules.includes(module) || (link.isType && !isPure)) return undefined;
  if (isAllowed(edges, link.file, module)) return undefined;
  return isPure
    ? `${from} is pure and may not import ${link.target}`
    : `${link.target} is opened in host, or by an edge named in tools/layers.ts`;
}

export interface Finding {
  readonly line: number;
  readonly why: string;
}

const timePattern =
  /\b(setTimeout|setInterval|setImmediate|Date\.now|performance\.now|process\.hrtime|process\.nextTick|AbortSignal\.timeout|Math\.random|randomUUID|randomBytes|getRandomValues)\b|\b(new Date)\(\)/g;

/** Timers, dates and chance that do not come from `Env`. */
export function aroundEnv(file: string, text: string, edges = timeEdges): Finding[] {
  if (isOutside(file)) return [];
  const code = codeOf(text);
  return [...code.matchAll(timePattern)].flatMap((match) => {
    const name = match[1] ?? match[2]!;
    if (isAllowed(edges, file, name)) return [];
    const line = code.slice(0, match.index).split('\n').length;
    return [{ line, why: `${name} goes around the clock and the chance of Env` }];
  });
}

function isOutside(file: string): boolean {
  return file.startsWith('src/host/') || isTestCode(file);
}

function isAllowed(edges: readonly Edge[], file: string, what: string): boolean {
  return edges.some(
    ({ path, allows }) => (file === path || file.startsWith(`${path}/`)) && allows.includes(what),
  );
}

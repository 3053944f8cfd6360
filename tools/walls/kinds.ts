/**
 * A wall: what depends on the kind of an object is said in the kind's own file, not where a resource's name
 * is compared.
 */

import { type KindEdge, kindEdges } from '../layers.ts';
import type { Finding } from './machine.ts';
import { isTestCode } from './source.ts';

const folders = ['src/api/', 'src/apiserver/', 'src/controllers/'];
const ownFiles = 'src/api/kinds/';
const comparison = /\bresource (?:===|!==) '[a-z]+'/g;

/** Comparisons with the name of a resource, but for the named edges. */
export function namesKind(file: string, text: string, edges: readonly KindEdge[] = kindEdges): Finding[] {
  if (!folders.some((folder) => file.startsWith(folder)) || isTestCode(file)) return [];
  if (file.startsWith(ownFiles)) return [];
  if (edges.some(({ path }) => file === path || file.startsWith(`${path}/`))) return [];
  return [...text.matchAll(comparison)].map((match) => ({
    line: text.slice(0, match.index).split('\n').length,
    why: `${match[0]}: what a kind has of its own belongs into its file below api/kinds`,
  }));
}

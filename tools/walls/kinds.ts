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
const kindsImport = /import \{([^}]*)\} from '#api\/generated\/kinds\.gen\.ts';/;

/** Comparisons with the name or the type of a resource, but for the named edges. */
export function namesKind(file: string, text: string, edges: readonly KindEdge[] = kindEdges): Finding[] {
  if (!folders.some((folder) => file.startsWith(folder)) || isTestCode(file)) return [];
  if (file.startsWith(ownFiles)) return [];
  if (edges.some(({ path }) => file === path || file.startsWith(`${path}/`))) return [];
  const found = [...text.matchAll(comparison), ...comparisonsOfTypes(text)];
  return found.map((match) => ({
    line: text.slice(0, match.index).split('\n').length,
    why: `${match[0]}: what a kind has of its own belongs into its file below api/kinds`,
  }));
}

function comparisonsOfTypes(text: string): RegExpExecArray[] {
  const types = kindsImport.exec(text)?.[1]?.match(/\w+/g);
  if (!types) return [];
  const type = `(?:${types.join('|')})\\b(?!\\.)`;
  const forms = [`isSameResource\\([^()]*, ${type}`, `[!=]== ${type}`, `case ${type}:`];
  return [...text.matchAll(new RegExp(forms.join('|'), 'g'))];
}

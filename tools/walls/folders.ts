/**
 * A wall: an import of another folder of `src/` goes down the layer list, and is written `#folder/file.ts`.
 */

import { posix } from 'node:path';
import { layers } from '../layers.ts';
import { folderOf, type Import } from './source.ts';

/** What is wrong with this import, or undefined. Tests may import anything. */
export function againstLayers(link: Import): string | undefined {
  if (link.file.endsWith('.test.ts')) return undefined;
  const from = folderOf(link.file);
  if (link.target.startsWith('.')) {
    const path = posix.join(posix.dirname(link.file), link.target);
    if (folderOf(path) === from || from === 'main') return undefined;
    return `an import of another folder is written '#folder/file.ts', not ${link.target}`;
  }
  if (!link.target.startsWith('#')) return undefined;
  const to = link.target.slice(1).split('/')[0] ?? '';
  const allowed = layers[from];
  if (!allowed) return `folder ${from} is not in the layer list`;
  if (to === from) return `an import within a folder is relative, not ${link.target}`;
  if (allowed.includes('*') || allowed.includes(to)) return undefined;
  return `${from} may not import ${to} (${link.target})`;
}

/** The first wall: an import of another folder of `src/` goes down the layer list, and is written `#folder/file.ts`. */

import { posix } from 'node:path';
import { layers } from '../layers.ts';
import { folderOf, type Import } from './source.ts';

/** What is wrong with this import, or undefined. Tests may import anything. */
export function againstLayers(one: Import): string | undefined {
  if (one.file.endsWith('.test.ts')) return undefined;
  const from = folderOf(one.file);
  if (one.target.startsWith('.')) {
    const path = posix.join(posix.dirname(one.file), one.target);
    if (folderOf(path) === from || from === 'main') return undefined;
    return `an import of another folder is written '#folder/file.ts', not ${one.target}`;
  }
  if (!one.target.startsWith('#')) return undefined;
  const to = one.target.slice(1).split('/')[0] ?? '';
  const allowed = layers[from];
  if (!allowed) return `folder ${from} is not in the layer list`;
  if (to === from) return `an import within a folder is relative, not ${one.target}`;
  if (allowed.includes('*') || allowed.includes(to)) return undefined;
  return `${from} may not import ${to} (${one.target})`;
}

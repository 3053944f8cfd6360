/** A wall: every part that a list of parts names has its own test file beside it. */

import { posix } from 'node:path';
import { partLists } from '../layers.ts';
import type { Import } from './source.ts';

/** What is wrong with this import of a part, or undefined. Imports of other files than the lists pass. */
export function untested(
  { file, target, isType }: Import,
  known: ReadonlySet<string>,
  lists = partLists,
): string | undefined {
  if (!lists.includes(file) || isType || !target.startsWith('./')) return undefined;
  const part = posix.join(posix.dirname(file), target);
  const wanted = part.replace(/\.ts$/, '.test.ts');
  return known.has(wanted) ? undefined : `${part} has no test of its own: ${wanted}`;
}

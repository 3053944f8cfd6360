/** The members of a set at or below paths of field names, where `*` stands for any single element. */

import { emptySet, type FieldSet, isEmpty, openSet } from './field-set.ts';
import { fieldElement } from './path-element.ts';

export function keepMatching(set: FieldSet, paths: readonly (readonly string[])[]): FieldSet {
  const out = openSet(true);
  for (const element in set) {
    const below = paths.filter(([first]) => first === '*' || fieldElement(first!) === element);
    if (below.length === 0 || element === '.') continue;
    const rest = below.map(([, ...rest]) => rest);
    if (rest.some(({ length }) => length === 0)) {
      out[element] = set[element]!;
      continue;
    }
    const kept = keepMatching(set[element]!, rest);
    if (!isEmpty(kept)) out[element] = kept;
  }
  return isEmpty(out) ? emptySet : out;
}

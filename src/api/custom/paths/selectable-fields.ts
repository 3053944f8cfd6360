/** The values by which custom objects are selected, under the names that requests use: `spec.color`. */

import type { SelectableField } from '../../generated/types.gen.ts';
import type { AnyObject } from '../../meta/object.ts';
import { jsonPath } from './json-path.ts';

/** Undefined if objects can be selected by name and namespace only. */
export function selectableValues(
  fields: readonly SelectableField[] | undefined,
): ((object: AnyObject) => Record<string, string>) | undefined {
  if (!fields || fields.length === 0) return undefined;
  const paths = fields.flatMap(({ jsonPath: path }) => {
    const find = jsonPath(path);
    return find ? [{ name: path.replace(/^\./, ''), find }] : [];
  });
  return (object) =>
    Object.fromEntries(
      paths.map(({ name, find }) => {
        const value = find(object)[0];
        return [name, value === undefined || value === null ? '' : String(value)];
      }),
    );
}

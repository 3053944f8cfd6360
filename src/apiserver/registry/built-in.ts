/**
 * The built-in resources as they are served: each with its kind and what other code of the server has for it.
 */

import type { Kind } from '#api/kind/define-kind.ts';
import { kindOf } from '#api/kinds/kinds.ts';
import { isSameResource } from '#api/meta/resource.ts';
import type { ResourceDef, Schema } from '#api/schema/schema.ts';
import type { SpecialHandler } from '../contract/special-handler.ts';
import type { StorageHooks } from '../contract/storage-hooks.ts';
import type { ServableKind } from './served-resource.ts';

/**
 * In discovery order. `isOff`: whether callers do not find the resource. `variants`: kinds that differ from the usual
 * ones by a feature gate.
 */
export function builtInKinds(
  schema: Schema,
  handlers: readonly SpecialHandler[],
  storageHooks: readonly StorageHooks[],
  isOff: (def: ResourceDef) => boolean = () => false,
  variants: readonly Kind[] = [],
): ServableKind[] {
  return schema.resources.map((def) => {
    const isOfIt = (type: { group: string; resource: string }) => isSameResource(type, def);
    const hooks = storageHooks.find(isOfIt);
    const kind = variants.find(({ type }) => isOfIt(type) && type.version === def.version) ?? kindOf(def);
    const own = { handlers: handlers.filter(isOfIt), ...(hooks ? { hooks } : {}) };
    return { kind, def, schema, ...own, isOff: isOff(def) };
  });
}

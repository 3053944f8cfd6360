/** Which types of a group and version are kinds: clients look them up by group, version and kind. */

import type { GroupVersionKind, ResourceDef, Schema } from '../schema/schema.ts';

export const metaTypePrefix = 'io.k8s.apimachinery.pkg.apis.meta.v1.';
export const statusType = `${metaTypePrefix}Status`;
export const deleteOptionsType = `${metaTypePrefix}DeleteOptions`;
export const watchEventType = `${metaTypePrefix}WatchEvent`;

/** Type name → its kind: the resources, their lists, the bodies of their subresources, DeleteOptions. */
export function kindsByType(
  schema: Schema,
  resources: readonly ResourceDef[],
): Map<string, GroupVersionKind> {
  const kinds = new Map<string, GroupVersionKind>();
  for (const def of resources) {
    const { group, version, kind } = def;
    kinds.set(def.type, { group, version, kind });
    const list = `${def.type}List`;
    if (schema.hasType(list)) kinds.set(list, { group, version, kind: `${kind}List` });
    for (const sub of def.subresources) {
      const type = subresourceType(schema, def, sub);
      if (type && !kinds.has(type)) {
        kinds.set(type, { group: sub.group, version: sub.version, kind: sub.kind });
      }
    }
  }
  return kinds;
}

/** The type of a subresource's body; undefined for streams (exec, proxy). */
export function subresourceType(
  schema: Schema,
  def: ResourceDef,
  body: GroupVersionKind,
): string | undefined {
  if (body.group === def.group && body.version === def.version && body.kind === def.kind) return def.type;
  const known = schema.kind(body.group, body.version, body.kind);
  if (known) return known.type;
  const sibling = schema.resources.find(
    (resource) => resource.group === body.group && resource.version === body.version,
  );
  if (sibling === undefined) return undefined;
  const name = `${sibling.type.slice(0, sibling.type.lastIndexOf('.'))}.${body.kind}`;
  return schema.hasType(name) ? name : undefined;
}

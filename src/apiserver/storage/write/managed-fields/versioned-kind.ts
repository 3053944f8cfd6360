/** A served resource's kind with the other versions in which its objects are served. */

import type { AnyObject } from '#api/meta/object.ts';
import { copyJson } from '#base/copy-json.ts';
import type { Resources } from '../../../registry/resources.ts';
import type { ServedResource } from '../../../registry/served-resource.ts';
import type { OtherVersion, VersionedKind } from './change-managers.ts';

const versioned = new WeakMap<ServedResource, VersionedKind>();

export function versionedKind(resources: Resources, served: ServedResource): VersionedKind {
  let kind = versioned.get(served);
  if (!kind) {
    kind = Object.assign(Object.create(served.owned) as ServedResource['owned'], {
      inVersion: (apiVersion: string) => otherVersion(resources, served, apiVersion),
    });
    versioned.set(served, kind);
  }
  return kind;
}

function otherVersion(
  { known }: Resources,
  from: ServedResource,
  apiVersion: string,
): OtherVersion | undefined {
  // As upstream, which does not convert between groups: managers of events in the other group lose all fields.
  const isOfIt = (to: ServedResource) =>
    to.apiVersion === apiVersion && to.storage === from.storage && to.def.group === from.def.group;
  const to = known.find(isOfIt);
  return to && { kind: to.owned, convert: converter(from, to), back: converter(to, from) };
}

function converter(from: ServedResource, to: ServedResource): (object: AnyObject) => AnyObject {
  // Field managers are not worth the wait for a conversion webhook: fields of equal names keep their managers.
  const waits = from.conversion?.ahead ?? to.conversion?.ahead;
  return (object) => {
    const copy = copyJson(object);
    if (waits) return { ...copy, kind: to.def.kind, apiVersion: to.apiVersion };
    const stored = from.conversion ? from.conversion.toStored(copy) : copy;
    const seen = to.conversion ? to.conversion.fromStored(stored) : stored;
    return { ...seen, kind: to.def.kind, apiVersion: to.apiVersion };
  };
}

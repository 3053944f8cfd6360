/** Which part of an object a write to one of its subresources changes; everything else stays as it was. */

import type { AnyObject } from '#api/object.ts';
import type { Strategy } from '#api/strategy.ts';

type Fields = Record<string, unknown>;
interface ContainerLike {
  name?: string;
  resources?: unknown;
  resizePolicy?: unknown;
}

export function keepOnlyPart(
  strategy: Strategy,
  subresource: string,
  object: AnyObject,
  old: AnyObject,
): void {
  if (subresource === 'status' && strategy.prepareForStatusUpdate) {
    strategy.prepareForStatusUpdate(object, old);
    return;
  }
  const change = parts[subresource];
  if (change) change(object, structuredClone(old));
}

type Part = (object: AnyObject, old: AnyObject) => void;

const parts: Readonly<Record<string, Part>> = {
  status: (object, old) => replace(object, old, { status: object['status'] }, true),
  approval: (object, old) =>
    replace(object, old, {
      status: { ...fields(old['status']), conditions: fields(object['status'])['conditions'] },
    }),
  finalize: (object, old) =>
    replace(object, old, {
      spec: { ...fields(old['spec']), finalizers: fields(object['spec'])['finalizers'] ?? [] },
    }),
  ephemeralcontainers: (object, old) =>
    replace(object, old, {
      spec: { ...fields(old['spec']), ephemeralContainers: fields(object['spec'])['ephemeralContainers'] },
    }),
  resize: (object, old) =>
    replace(object, old, { spec: resized(fields(object['spec']), fields(old['spec'])) }),
};

/**
 * A pod's spec with the resources of `wanted`, its own and its containers', and all else of `spec`. Containers that
 * came, went or changed places are left for the validation to find.
 */
function resized(wanted: Fields, spec: Fields): Fields {
  const lists = ['containers', 'initContainers'] as const;
  const named = (list: string, from: Fields) => (from[list] ?? []) as ContainerLike[];
  if (lists.some((list) => named(list, wanted).length !== named(list, spec).length)) return wanted;
  const result: Fields = { ...spec, resources: wanted['resources'] };
  for (const list of lists) {
    const [now, before] = [named(list, wanted), named(list, spec)];
    if (before.length === 0) continue;
    const sameOrder = before.every((one, i) => one.name === now[i]?.name);
    result[list] = sameOrder ? before.map((one, i) => withResources(one, now[i]!)) : now;
  }
  return result;
}

function withResources(container: ContainerLike, wanted: ContainerLike): ContainerLike {
  return { ...container, resources: wanted.resources, resizePolicy: wanted.resizePolicy };
}

/** Makes `object` the old one with `changes`, labels and all; a status write may also change metadata. */
function replace(object: AnyObject, old: AnyObject, changes: Fields, keepMetadata = false): void {
  const metadata = keepMetadata
    ? object.metadata
    : { ...old.metadata, resourceVersion: object.metadata?.resourceVersion ?? old.metadata?.resourceVersion };
  for (const key of Object.keys(object)) delete object[key];
  Object.assign(object, old, changes, { metadata });
  for (const [key, value] of Object.entries(changes)) if (value === undefined) delete object[key];
}

function fields(value: unknown): Fields {
  return (value ?? {}) as Fields;
}

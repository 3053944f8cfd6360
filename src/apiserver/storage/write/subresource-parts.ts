/**
 * Which part of an object a write to one of its subresources changes; everything else stays as it was. Where upstream's
 * strategy takes the metadata of the request, labels, finalizers and owners change with it.
 */

import type { CertificateSigningRequest } from '#api/generated/types.gen.ts';
import { withTimes } from '#api/kinds/certificates/status.ts';
import type { Strategy } from '#api/kinds/shared/strategy.ts';
import type { AnyObject, ObjectMeta } from '#api/meta/object.ts';
import { ownValue } from '#base/own-value.ts';

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
  now: string,
): void {
  if (subresource === 'status') {
    if (strategy.prepareForStatusUpdate) strategy.prepareForStatusUpdate(object, old, now);
    else replace(object, structuredClone(old), { status: object['status'] }, true);
    for (const field of strategy.keptByStatus ?? []) keep(field, object, old);
    return;
  }
  const change = ownValue(parts, subresource);
  if (change) change(object, structuredClone(old), now);
}

function keep(field: keyof ObjectMeta, { metadata = {} }: AnyObject, old: AnyObject): void {
  const before = old.metadata?.[field];
  if (before === undefined) delete metadata[field];
  else Object.assign(metadata, { [field]: structuredClone(before) });
}

type Part = (object: AnyObject, old: AnyObject, now: string) => void;

const parts: Readonly<Record<string, Part>> = {
  approval: (object, old, now) => {
    const conditions = withTimes(
      object as object as CertificateSigningRequest,
      old as object as CertificateSigningRequest,
      now,
    );
    replace(object, old, { status: { ...fields(old['status']), conditions } }, true);
  },
  finalize: (object, old) => {
    const { finalizers = [] } = fields(object['spec']);
    replace(object, old, { spec: { ...fields(old['spec']), finalizers } }, true);
  },
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

/** Makes `object` the old one with `changes`. The metadata is the old one too, or that which was asked for. */
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

/**
 * kubectl's move from client-side to server-side apply: kubectl owns the fields of its last-applied annotation,
 * and each apply renews the annotation, so that client-side apply works afterwards.
 */

import { appliedSet } from '#api/fields/applied-set.ts';
import { compare } from '#api/fields/compare.ts';
import { difference, type FieldSet, inOrder, isEmpty } from '#api/fields/field-set.ts';
import { UnnamedItem } from '#api/fields/list-element.ts';
import { validate } from '#api/fields/validate.ts';
import type { AnyObject } from '#api/meta/object.ts';
import { annotationsMaxBytes } from '#api/meta/validation.ts';
import { goJson } from '#base/text/go-json.ts';
import { parseExactly } from '#wire/json/exact-integers.ts';
import { isJsonObject } from '#wire/json/value.ts';
import type { OwnedKind } from '../../../registry/owned-kind.ts';

const annotation = 'kubectl.kubernetes.io/last-applied-configuration';

/** The conflicts that are left when kubectl takes the fields that it has applied client-side. */
export function mayTake(
  kind: OwnedKind,
  live: AnyObject,
  conflicts: ReadonlyMap<string, FieldSet>,
): ReadonlyMap<string, FieldSet> {
  const own = lastAppliedSet(kind, live);
  if (!own) return conflicts;
  const left = [...conflicts].map(([id, set]): [string, FieldSet] => [id, difference(set, own)]);
  return new Map(left.filter(([, set]) => !isEmpty(set)));
}

/** Without fields that have another value since; undefined without a readable annotation. */
function lastAppliedSet(kind: OwnedKind, live: AnyObject): FieldSet | undefined {
  const config = parsed(live.metadata?.annotations?.[annotation]);
  if (!isJsonObject(config) || config['apiVersion'] !== kind.apiVersion) return undefined;
  if (validate(kind.schema, config) !== undefined) return undefined;
  try {
    const { changed, removed } = compare(kind.schema, config, live);
    return inOrder(difference(difference(appliedSet(kind.schema, config), changed), removed));
  } catch (error) {
    if (error instanceof UnnamedItem) return undefined;
    throw error;
  }
}

function parsed(text: string | undefined): unknown {
  if (!text) return undefined;
  try {
    return parseExactly(text);
  } catch {
    return undefined;
  }
}

/** Objects without the annotation get none. */
export function withLastApplied(object: AnyObject, config: AnyObject, manager: string): AnyObject {
  if (manager !== 'kubectl' || !object.metadata?.annotations?.[annotation]) return object;
  const annotations: Record<string, string> = {
    ...object.metadata.annotations,
    [annotation]: `${goJson(withoutAnnotation(config))}\n`,
  };
  const bytes = Object.entries(annotations).reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  );
  if (bytes > annotationsMaxBytes) delete annotations[annotation];
  return { ...object, metadata: { ...object.metadata, annotations } };
}

function withoutAnnotation(config: AnyObject): AnyObject {
  if (!config.metadata?.annotations) return config;
  const { [annotation]: _, ...annotations } = config.metadata.annotations;
  return { ...config, metadata: { ...config.metadata, annotations } };
}

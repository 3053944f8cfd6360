/** Objects as rows: what `kubectl get` prints. */

import type { AnyObject, ListMeta } from '#api/meta/object.ts';
import { badRequest } from '#api/meta/status.ts';
import { fieldErrorMessage, invalidValue } from '#api/validation/field-error.ts';
import type { Env } from '#base/env.ts';
import type { ServedResource } from '../../registry/served-resource.ts';
import type { MetaVersion } from './negotiate.ts';
import { partialMetadata } from './partial-metadata.ts';

export interface Table {
  readonly kind: 'Table';
  readonly apiVersion: `meta.k8s.io/${MetaVersion}`;
  readonly metadata: ListMeta;
  readonly columnDefinitions: readonly unknown[] | null;
  readonly rows: readonly unknown[];
}

/** How the rows of one answer are made. */
export interface TableOptions {
  readonly version: MetaVersion;
  readonly include: string;
  /** What ages are counted to. */
  readonly nowMs: number;
}

/** Throws 400 for an `includeObject` that there is not. */
export function tableOptions(
  { clock }: Pick<Env, 'clock'>,
  query: URLSearchParams,
  version: MetaVersion,
): TableOptions {
  const include = query.get('includeObject') || 'Metadata';
  if (!['None', 'Metadata', 'Object'].includes(include)) {
    const error = invalidValue('includeObject', include, "must be 'Metadata', 'Object', 'None', or empty");
    throw badRequest(`Unable to convert to Table as requested: ${fieldErrorMessage(error)}`);
  }
  return { version, include, nowMs: clock.now() };
}

export function tableOf(
  served: Pick<ServedResource, 'printer'>,
  objects: readonly AnyObject[],
  metadata: ListMeta,
  options: TableOptions,
): Table {
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${options.version}`,
    metadata,
    columnDefinitions: served.printer.columns,
    rows: objects.map((object) => rowOf(served, object, options)),
  };
}

export function rowOf(
  served: Pick<ServedResource, 'printer'>,
  object: AnyObject,
  { version, include, nowMs }: TableOptions,
): unknown {
  const cells = served.printer.cells(object, nowMs);
  const conditions = served.printer.conditions?.(object);
  const shown = include === 'Object' ? object : include === 'None' ? null : partialMetadata(object, version);
  return conditions?.length ? { cells, conditions, object: shown } : { cells, object: shown };
}

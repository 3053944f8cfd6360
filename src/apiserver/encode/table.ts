/** Objects as rows: what `kubectl get` prints. */

import { tableCells, tableColumns, tableConditions } from '#api/columns/table.ts';
import { fieldErrorMessage, invalidValue } from '#api/field-error.ts';
import type { AnyObject, ListMeta } from '#api/object.ts';
import { badRequest } from '#api/status.ts';
import type { Core } from '../exchange.ts';
import type { ServedResource } from '../resources.ts';
import { partialMetadata } from './partial-metadata.ts';

export interface Table {
  readonly kind: 'Table';
  readonly apiVersion: 'meta.k8s.io/v1';
  readonly metadata: ListMeta;
  readonly columnDefinitions: readonly unknown[] | null;
  readonly rows: readonly unknown[];
}

export function tableOf(
  core: Core,
  served: ServedResource,
  objects: readonly AnyObject[],
  metadata: ListMeta,
  query: URLSearchParams,
): Table {
  const include = query.get('includeObject') || 'Metadata';
  if (!['None', 'Metadata', 'Object'].includes(include)) {
    const error = invalidValue('includeObject', include, "must be 'Metadata', 'Object', 'None', or empty");
    throw badRequest(`Unable to convert to Table as requested: ${fieldErrorMessage(error)}`);
  }
  const nowMs = core.env.clock.now();
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: tableColumns(served.def),
    rows: objects.map((object) => rowOf(served, object, include, nowMs)),
  };
}

function rowOf(served: ServedResource, object: AnyObject, include: string, nowMs: number): unknown {
  const cells = tableCells(served.def, object, nowMs);
  const conditions = tableConditions(served.def, object);
  const shown = include === 'Object' ? object : include === 'None' ? null : partialMetadata(object);
  return conditions?.length ? { cells, conditions, object: shown } : { cells, object: shown };
}

/** Objects as rows: what `kubectl get` prints. */

import type { AnyObject, ListMeta } from '#api/object.ts';
import { badRequest } from '#api/status.ts';
import type { Core } from '../exchange.ts';
import type { ServedResource } from '../resources.ts';
import { partialMetadata } from './partial-metadata.ts';

interface Column {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}

const genericColumns: readonly Column[] = [
  { name: 'Name', type: 'string', format: 'name', description: 'Name of the object', priority: 0 },
  { name: 'Created At', type: 'date', format: '', description: 'When it was created', priority: 0 },
];

export interface Table {
  readonly kind: 'Table';
  readonly apiVersion: 'meta.k8s.io/v1';
  readonly metadata: ListMeta;
  readonly columnDefinitions: readonly Column[] | null;
  readonly rows: readonly unknown[];
}

export function tableOf(
  _core: Core,
  _served: ServedResource,
  objects: readonly AnyObject[],
  metadata: ListMeta,
  query: URLSearchParams,
): Table {
  const include = query.get('includeObject') ?? 'Metadata';
  if (!['None', 'Metadata', 'Object'].includes(include)) {
    throw badRequest(`unrecognized includeObject value: "${include}"`);
  }
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: query.get('headers') === 'false' ? null : genericColumns,
    rows: objects.map((object) => ({
      cells: [object.metadata?.name, object.metadata?.creationTimestamp],
      ...(include === 'None' ? {} : { object: include === 'Object' ? object : partialMetadata(object) }),
    })),
  };
}

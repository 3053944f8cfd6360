/**
 * The paths of an OpenAPI document: the operations of each in one item, and the common parts of their
 * responses.
 */

import type { Operation } from './operations.ts';

type PathItem = Record<string, unknown>;

/** `newItem` creates the shared part of a path, `describe` an operation. */
export function pathItems(
  operations: readonly Operation[],
  newItem: (first: Operation) => PathItem,
  describe: (operation: Operation) => object,
): Record<string, PathItem> {
  const items: Record<string, PathItem> = {};
  for (const operation of operations) {
    items[operation.path] ??= newItem(operation);
    items[operation.path]![operation.method] = describe(operation);
  }
  return items;
}

/** `ok` for every success code. */
export function responsesOf(operation: Operation, ok: object): Record<string, object> {
  const codes = Object.fromEntries(codesOf(operation).map((code) => [code, ok]));
  return { ...codes, '401': { description: 'Unauthorized' } };
}

function codesOf({ method, action, isCustom }: Operation): string[] {
  if (method === 'get' || action === 'connect' || action === 'deletecollection') return ['200'];
  if (method === 'delete') return ['200', '202'];
  if (method === 'post') return ['200', '201', '202'];
  // Upstream's documents of custom resources leave out that an apply may create.
  return method === 'patch' && isCustom ? ['200'] : ['200', '201'];
}

/** The bearer token, the same in both versions. */
export const securitySchemes = { BearerToken: { type: 'apiKey', name: 'authorization', in: 'header' } };

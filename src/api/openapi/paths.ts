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
  const codes =
    operation.method === 'post' ? ['200', '201', '202'] : operation.body ? ['200', '201'] : ['200'];
  return { ...Object.fromEntries(codes.map((code) => [code, ok])), '401': { description: 'Unauthorized' } };
}

/** The bearer token, the same in both versions. */
export const securitySchemes = { BearerToken: { type: 'apiKey', name: 'authorization', in: 'header' } };

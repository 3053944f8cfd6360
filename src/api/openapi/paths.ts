/**
 * The paths of an OpenAPI document: the operations of each in one item, the parameters that all of them have beside
 * them, and the common parts of their responses.
 */

import type { Operation } from './operations.ts';

type PathItem = Record<string, unknown>;

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
}

/** `describe` writes an operation with the parameters that not all operations of its path have. */
export function pathItems(
  operations: readonly Operation[],
  writeParameter: (parameter: Parameter) => object,
  describe: (operation: Operation, parameters: readonly object[]) => object,
): Record<string, PathItem> {
  const items: Record<string, PathItem> = {};
  for (const [path, ofPath] of Map.groupBy(operations, (operation) => operation.path)) {
    const counts = new Map<string, number>();
    for (const name of ofPath.flatMap(({ queryParameters }) => queryParameters)) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    const isShared = (name: string) => counts.get(name) === ofPath.length;
    const shared = [
      ...ofPath[0]!.pathParameters.map((name) => ({ name, in: 'path' }) as const),
      ...ofPath[0]!.queryParameters.filter(isShared).map((name) => ({ name, in: 'query' }) as const),
    ];
    const item: PathItem = {};
    for (const operation of ofPath) {
      const own = operation.queryParameters.filter((name) => !isShared(name));
      item[operation.method] = describe(
        operation,
        sorted(own.map((name) => ({ name, in: 'query' }) as const)).map(writeParameter),
      );
    }
    if (shared.length > 0) item['parameters'] = sorted(shared).map(writeParameter);
    items[path] = item;
  }
  return items;
}

function sorted(parameters: readonly Parameter[]): Parameter[] {
  return [...parameters].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.in < b.in ? -1 : 1));
}

const codeTexts: Readonly<Record<string, string>> = { 200: 'OK', 201: 'Created', 202: 'Accepted' };

/** `ok`: the content of every success code. */
export function responsesOf(operation: Operation, ok: object): Record<string, object> {
  const codes = codesOf(operation).map((code) => [code, { description: codeTexts[code], ...ok }] as const);
  return { ...Object.fromEntries(codes), '401': { description: 'Unauthorized' } };
}

function codesOf({ method, action, isCustom }: Operation): string[] {
  if (method === 'get' || action === 'connect' || action === 'deletecollection') return ['200'];
  if (method === 'delete') return ['200', '202'];
  if (method === 'post') return ['200', '201', '202'];
  // Upstream's documents of custom resources leave out that an apply may create.
  return method === 'patch' && isCustom ? ['200'] : ['200', '201'];
}

/** The bearer token, the same in both versions. */
export const securitySchemes = {
  BearerToken: {
    description: 'Bearer Token authentication',
    type: 'apiKey',
    name: 'authorization',
    in: 'header',
  },
};

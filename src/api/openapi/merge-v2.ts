/**
 * Adds OpenAPI 2.0 documents of other servers to this server's: paths that are here already stay as they are,
 * and a definition that has another meaning under the same name gets a name of its own.
 */

import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type JsonObject } from '#wire/json/value.ts';

export interface V2Document {
  readonly paths: Readonly<Record<string, unknown>>;
  readonly definitions: Readonly<Record<string, unknown>>;
}

const definitionPrefix = '#/definitions/';

export function mergedV2(own: V2Document, others: readonly JsonObject[]): object {
  if (others.length === 0) return own;
  const paths = { ...own.paths };
  const definitions = { ...own.definitions };
  for (const other of others) {
    const added = partsOf(other);
    const names = namesIn(definitions, added.definitions);
    for (const [name, definition] of Object.entries(added.definitions)) {
      definitions[names.get(name) ?? name] ??= renamed(definition, names);
    }
    for (const [path, item] of Object.entries(added.paths)) paths[path] ??= renamed(item, names);
  }
  return { ...own, paths, definitions };
}

/** Of a server's whole document the paths below `prefix`, and the definitions that they need. */
export function pathsBelow(document: JsonObject, prefix: string): JsonObject {
  const { paths, definitions } = partsOf(document);
  const kept = Object.fromEntries(Object.entries(paths).filter(([path]) => path.startsWith(prefix)));
  const needed = new Set<string>();
  const open = [...references(kept)];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (needed.has(name)) continue;
    needed.add(name);
    open.push(...references(definitions[name]));
  }
  const own = Object.entries(definitions).filter(([name]) => needed.has(name));
  return { paths: kept, definitions: Object.fromEntries(own) } as JsonObject;
}

function partsOf(document: JsonObject): V2Document {
  const { paths, definitions } = document;
  return {
    paths: isJsonObject(paths) ? paths : {},
    definitions: isJsonObject(definitions) ? definitions : {},
  };
}

/** New names for those of `added` that mean something else here. */
function namesIn(
  known: Readonly<Record<string, unknown>>,
  added: Readonly<Record<string, unknown>>,
): Map<string, string> {
  const names = new Map<string, string>();
  for (const [name, definition] of Object.entries(added)) {
    let own = name;
    for (let i = 2; Object.hasOwn(known, own) && !isDeepStrictEqual(known[own], definition); i++) {
      own = `${name}_v${i}`;
    }
    if (own !== name) names.set(name, own);
  }
  return names;
}

function renamed(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (names.size === 0 || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => renamed(item, names));
  const entries = Object.entries(value).map(([key, item]) => {
    const name = key === '$ref' ? referred(item) : undefined;
    const own = name === undefined ? undefined : names.get(name);
    return [key, own === undefined ? renamed(item, names) : definitionPrefix + own];
  });
  return Object.fromEntries(entries);
}

/** The names of the definitions that a value refers to, directly. */
function* references(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    const name = key === '$ref' ? referred(item) : undefined;
    if (name !== undefined) yield name;
    else yield* references(item);
  }
}

function referred(reference: unknown): string | undefined {
  if (typeof reference !== 'string' || !reference.startsWith(definitionPrefix)) return undefined;
  return reference.slice(definitionPrefix.length);
}

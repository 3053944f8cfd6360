/** The routes of one host in the order they are tried, with what follows a path whose routes have conditions. */

import type { HostRoutes, PathMatch, PathRoutes, Route } from './model.ts';

export interface OrderedPath extends PathMatch {
  readonly routes: readonly Route[];
}

/**
 * Equal paths are one, with the routes of the first before those of the second. A path whose last route has conditions
 * goes on with the routes of the next shorter path that contains it, so that one look-up of the longest path decides.
 */
export function orderedPaths({ paths }: Pick<HostRoutes, 'paths'>): OrderedPath[] {
  const merged = mergedPaths(paths);
  return merged.map((path) => ({ ...path, routes: [...withFallbacks(path, merged)] }));
}

function mergedPaths(paths: readonly PathRoutes[]): OrderedPath[] {
  const byMatch = new Map<string, { kind: PathMatch['kind']; value: string; routes: Route[] }>();
  for (const { kind, value, routes } of paths) {
    const key = `${kind} ${keyOf({ kind, value })}`;
    const known = byMatch.get(key);
    if (known) known.routes.push(...routes);
    else byMatch.set(key, { kind, value, routes: [...routes] });
  }
  return [...byMatch.values()];
}

/** What a request's path is compared with: the elements of a prefix end with a slash. */
export function keyOf({ kind, value }: PathMatch): string {
  return kind === 'prefix' && !value.endsWith('/') ? `${value}/` : value;
}

function* withFallbacks(path: OrderedPath, all: readonly OrderedPath[]): Iterable<Route> {
  const shorter = all.filter((other) => other !== path && contains(other, path));
  shorter.sort((a, b) => keyOf(b).length - keyOf(a).length);
  for (const { routes } of [path, ...shorter]) {
    yield* routes;
    if (routes.some(({ conditions }) => conditions.length === 0)) return;
  }
}

/** Whether every request that `inner` matches is matched by `outer` as well. */
function contains(outer: PathMatch, inner: PathMatch): boolean {
  if (inner.kind === 'regex' || outer.kind === 'regex' || outer.kind === 'exact') return false;
  const path = outer.kind === 'prefix' && inner.kind === 'exact' ? `${inner.value}/` : keyOf(inner);
  return path.startsWith(keyOf(outer));
}

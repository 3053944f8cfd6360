/**
 * A route table as map files: a request's host is looked up once, then its path, exact before the longest prefix. Where
 * more than host and path decide, the path leads to a list of rules. The cost of a request does not depend on the number
 * of hosts and paths.
 */

import type { HostRoutes, Route, RouteTable } from '../model/model.ts';
import { keyOf, type OrderedPath, orderedPaths } from '../model/path-order.ts';
import { mapKey, regexKey, regexText } from './text.ts';

/** Routes among which more than the path decides. */
export interface RouteGroup {
  readonly id: string;
  readonly routes: readonly Route[];
}

/** A line of a map file; `route` is what the line is there for. */
export interface MapLine {
  readonly text: string;
  readonly route?: Route | undefined;
}

export const mapKinds = ['hosts', 'wildcards', 'exact', 'prefixes', 'regexes'] as const;

export interface RouteMaps extends Readonly<Record<(typeof mapKinds)[number], readonly MapLine[]>> {
  readonly groups: readonly RouteGroup[];
}

/** In place of a host's id, for requests whose host is in no map. */
export const anyHost = 'any';

export function routeMaps(table: RouteTable): RouteMaps {
  const maps = new MapLines();
  for (const [index, host] of table.hosts.entries()) maps.addHost(host, index);
  return maps.build();
}

class MapLines {
  readonly #hosts: string[] = [];
  readonly #wildcards: string[] = [];
  readonly #exact: string[] = [];
  readonly #prefixes: string[] = [];
  readonly #regexes: {
    readonly pattern: string;
    readonly value: string;
    readonly route: Route | undefined;
  }[] = [];
  readonly #groups: RouteGroup[] = [];

  addHost(host: HostRoutes, index: number): void {
    const paths = orderedPaths(host);
    const hasRegex = paths.some(({ kind }) => kind === 'regex');
    const id = host.host === '' ? anyHost : `${hasRegex ? 'r' : 'h'}${index}`;
    if (host.host.startsWith('*.')) this.#wildcards.push(`${host.host.slice(1)} ${id}`);
    else if (host.host !== '') this.#hosts.push(`${host.host} ${id}`);
    for (const path of paths) this.#addPath(id, path, hasRegex);
  }

  #addPath(id: string, path: OrderedPath, hasRegex: boolean): void {
    const value = this.#valueOf(path.routes);
    if (path.kind === 'exact') this.#add(this.#exact, id + path.value, value);
    else if (hasRegex) {
      this.#regexes.push({ pattern: `^${id}${patternOf(path)}`, value, route: path.routes[0] });
    } else this.#add(this.#prefixes, id + keyOf(path), value);
  }

  #add(lines: string[], text: string, value: string): void {
    const key = mapKey(text);
    if (key !== undefined) lines.push(`${key} ${value}`);
  }

  /** A backend, or the group of rules that chooses it. */
  #valueOf(routes: readonly Route[]): string {
    const [first] = routes;
    if (first && first.conditions.length === 0) return first.backend;
    const id = `?${this.#groups.length}`;
    this.#groups.push({ id, routes });
    return id;
  }

  build(): RouteMaps {
    const lines = (list: readonly string[]) => list.map((text) => ({ text }));
    // The longest first, as nginx's controller orders them; a wildcard of more labels before one of fewer.
    const regexes = this.#regexes.toSorted((a, b) => b.pattern.length - a.pattern.length);
    return {
      hosts: lines(this.#hosts),
      wildcards: lines(this.#wildcards.toSorted((a, b) => b.length - a.length)),
      exact: lines(this.#exact),
      prefixes: lines(this.#prefixes),
      regexes: regexes.map(({ pattern, value, route }) => ({ text: `${regexKey(pattern)} ${value}`, route })),
      groups: this.#groups,
    };
  }
}

/** Beside regular expressions, prefixes of the same host are expressions too: the longer of both is tried first. */
function patternOf({ kind, value }: OrderedPath): string {
  if (kind === 'regex') return `(?i)(?:${value})`;
  if (kind === 'begins') return regexText(value);
  return `${regexText(value.replace(/\/$/, ''))}(/|$)`;
}

/** Picks what answers a request by its path and method. */

import type { ServerResponse } from 'node:http';
import type { RequestTarget } from '#base/net/request-target.ts';
import type { KubeNode } from '../node/kube-node.ts';
import { Refusal } from './refusal.ts';

export interface RouteCall {
  /** The node that the request names in its Host header; every node of the server when it names none of them. */
  readonly nodes: readonly KubeNode[];
  readonly target: RequestTarget;
  /** What stands in the path for each `{name}` of the route. */
  readonly names: Readonly<Record<string, string>>;
  readonly response: ServerResponse;
}

export interface Route {
  /**
   * `{name}` stands for any one segment; a slash at the end of the request's path is allowed. `{name:*}`
   * stands for the rest of the path, with its slashes.
   */
  readonly path: string;
  /** Any method when absent. */
  readonly methods?: readonly string[];
  answer(call: RouteCall): Promise<void> | void;
}

/** Answers with the first route that fits; throws a `Refusal` when there is none. */
export async function dispatch(
  routes: readonly Route[],
  method: string,
  call: Omit<RouteCall, 'names'>,
): Promise<void> {
  for (const route of routes) {
    const names = matchPath(route.path, call.target.segments);
    if (!names) continue;
    if (route.methods && !route.methods.includes(method)) throw new Refusal(405, '405: Method Not Allowed');
    return route.answer({ ...call, names });
  }
  throw new Refusal(404, '404 page not found');
}

/** The segments that stand for the `{name}`s of `path`; undefined when it is another path. */
export function matchPath(path: string, segments: readonly string[]): Record<string, string> | undefined {
  const wanted = path.slice(1).split('/');
  const last = wanted.at(-1)!;
  if (last.endsWith(':*}') && segments.length >= wanted.length) {
    const names = matchPath(path.slice(0, -last.length - 1), segments.slice(0, wanted.length - 1));
    return names && { ...names, [last.slice(1, -3)]: segments.slice(wanted.length - 1).join('/') };
  }
  const given = segments.at(-1) === '' ? segments.slice(0, -1) : segments;
  if (wanted.length !== given.length) return undefined;
  const names: Record<string, string> = {};
  for (const [index, word] of wanted.entries()) {
    if (word.startsWith('{')) names[word.slice(1, -1)] = given[index]!;
    else if (word !== given[index]) return undefined;
  }
  return names;
}

/** Matches of rules as paths with conditions, ordered as the Gateway API wants them tried. */

import type { Condition, PathMatch } from '../model/model.ts';
import type { GrpcRule, HttpMatch, HttpRule, NamedMatch } from './kinds.ts';

/** What a rule of either kind of route comes to. */
export interface RouteRule extends Pick<HttpRule, 'filters' | 'backendRefs' | 'timeouts'> {
  readonly matches: readonly RuleMatch[];
}

export interface RuleMatch {
  readonly path: PathMatch;
  readonly conditions: readonly Condition[];
  /** Of two matches of one path the one with the higher rank goes first: by method, headers, query parameters. */
  readonly rank: readonly number[];
}

export function httpRule({ matches, filters, backendRefs, timeouts }: HttpRule): RouteRule {
  const given = matches && matches.length > 0 ? matches : [{}];
  return {
    matches: given.map(httpMatch),
    ...(filters ? { filters } : {}),
    ...(backendRefs ? { backendRefs } : {}),
    ...(timeouts ? { timeouts } : {}),
  };
}

export function grpcRule({ matches, filters, backendRefs }: GrpcRule): RouteRule {
  const given = matches && matches.length > 0 ? matches : [{}];
  return {
    matches: given.map(({ method, headers = [] }) => ({
      path: grpcPath(method?.service, method?.method),
      conditions: headers.map((header) => named('header', header)),
      rank: [0, headers.length, 0],
    })),
    ...(filters ? { filters } : {}),
    ...(backendRefs ? { backendRefs } : {}),
  };
}

/** A method of a service is the path `/service/method`. */
function grpcPath(service: string | undefined, method: string | undefined): PathMatch {
  if (service === undefined) return { kind: 'prefix', value: '/' };
  if (method === undefined) return { kind: 'prefix', value: `/${service}` };
  return { kind: 'exact', value: `/${service}/${method}` };
}

function httpMatch({ path = {}, headers = [], queryParams = [], method }: HttpMatch): RuleMatch {
  const { type = 'PathPrefix', value = '/' } = path;
  return {
    path: { kind: type === 'Exact' ? 'exact' : 'prefix', value },
    conditions: [
      ...(method === undefined ? [] : [{ on: 'method', method } satisfies Condition]),
      ...headers.map((header) => named('header', header)),
      ...queryParams.map((parameter) => named('query', parameter)),
    ],
    rank: [method === undefined ? 0 : 1, headers.length, queryParams.length],
  };
}

function named(on: 'header' | 'query', { name, value }: NamedMatch): Condition {
  return { on, name, match: { is: value } };
}

/** What of a route's matches and filters is not supported; undefined when all is. */
export function unsupportedMatch(rules: readonly (HttpRule | GrpcRule)[]): string | undefined {
  const text = JSON.stringify(rules.map(({ matches }) => matches ?? []));
  return text.includes('"type":"RegularExpression"')
    ? 'matches by regular expression are not supported'
    : undefined;
}

/** The higher rank first. */
export function byRank(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    if (value !== b[index]) return (b[index] ?? 0) - value;
  }
  return 0;
}

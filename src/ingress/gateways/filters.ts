/** Filters of rules as steps. */

import type { PathRewrite, Step } from '../model/model.ts';
import type { HeaderFilter, PathModifier, RouteFilter } from './kinds.ts';

export const knownFilters = [
  'RequestHeaderModifier',
  'ResponseHeaderModifier',
  'RequestRedirect',
  'URLRewrite',
];

export interface FilterContext {
  /** The path that the rule matches, for those that replace it. */
  readonly prefix: string;
  /** Of the listener, where a redirect names neither scheme nor port. */
  readonly listenerPort: number;
}

export function filterSteps(filters: readonly RouteFilter[], context: FilterContext): Step[] {
  return filters.flatMap((filter) => stepsOf(filter, context));
}

function stepsOf(filter: RouteFilter, { prefix, listenerPort }: FilterContext): Step[] {
  const { requestHeaderModifier, responseHeaderModifier, requestRedirect, urlRewrite } = filter;
  if (requestHeaderModifier) return headerSteps('request', requestHeaderModifier);
  if (responseHeaderModifier) return headerSteps('response', responseHeaderModifier);
  if (requestRedirect) return [redirectStep(requestRedirect, prefix, listenerPort)];
  if (!urlRewrite) return [];
  const { hostname, path } = urlRewrite;
  return [
    ...(hostname === undefined
      ? []
      : [{ do: 'set header', of: 'request', name: 'Host', value: hostname } satisfies Step]),
    ...(path ? [{ do: 'rewrite path', rewrite: rewriteOf(path, prefix) } satisfies Step] : []),
  ];
}

function headerSteps(
  side: 'request' | 'response',
  { set = [], add = [], remove = [] }: HeaderFilter,
): Step[] {
  return [
    ...set.map(({ name, value }): Step => ({ do: 'set header', of: side, name, value })),
    ...add.map(({ name, value }): Step => ({ do: 'add header', of: side, name, value })),
    ...remove.map((name): Step => ({ do: 'remove header', of: side, name })),
  ];
}

function rewriteOf({ replaceFullPath, replacePrefixMatch }: PathModifier, prefix: string): PathRewrite {
  if (replaceFullPath !== undefined) return { full: replaceFullPath };
  return { prefix, by: replacePrefixMatch ?? '/' };
}

const usualPorts: Readonly<Record<string, number>> = { http: 80, https: 443 };

function redirectStep(
  { scheme, hostname, path, port, statusCode = 302 }: NonNullable<RouteFilter['requestRedirect']>,
  prefix: string,
  listenerPort: number,
): Step {
  const known = scheme?.toLowerCase();
  const wanted = port ?? (known === undefined ? listenerPort : undefined);
  const isUsual = known === undefined ? wanted === 80 || wanted === 443 : wanted === usualPorts[known];
  return {
    do: 'redirect',
    code: statusCode,
    to: {
      ...(known === 'http' || known === 'https' ? { scheme: known } : {}),
      ...(hostname === undefined ? {} : { host: hostname }),
      ...(wanted === undefined || isUsual ? {} : { port: wanted }),
      ...(path ? { path: rewriteOf(path, prefix) } : {}),
    },
  };
}

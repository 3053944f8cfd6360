/** Reads from method and URL what is asked, as apiserver's RequestInfo does. */

import type { RequestInfo } from '../contract.ts';

const verbs: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};
/** What can stand where a resource inside a namespace would. */
const namespaceSubresources = new Set(['status', 'finalize']);

/** Never changed: shared by the many requests without a query. */
const noQuery = new URLSearchParams();

export function parseRequest(method: string, url: string): RequestInfo {
  const question = url.indexOf('?');
  const path = question < 0 ? url : url.slice(0, question);
  const query = question < 0 ? noQuery : new URLSearchParams(url.slice(question + 1));
  return resourceRequest(method, path, query) ?? nonResource(method, path, query);
}

function nonResource(method: string, path: string, query: URLSearchParams): RequestInfo {
  return {
    isResource: false,
    path,
    query,
    verb: method.toLowerCase(),
    group: '',
    version: '',
    resource: '',
    subresource: '',
    namespace: '',
    name: '',
    trailing: '',
  };
}

function resourceRequest(method: string, path: string, query: URLSearchParams): RequestInfo | undefined {
  let parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decode);
  const prefix = parts[0];
  if (prefix !== 'api' && prefix !== 'apis') return undefined;
  const group = prefix === 'apis' ? (parts[1] ?? '') : '';
  const version = (prefix === 'apis' ? parts[2] : parts[1]) ?? '';
  parts = parts.slice(prefix === 'apis' ? 3 : 2);
  if (parts.length === 0 || version === '') return undefined;
  let verb = verbs[method] ?? '';
  if (parts[0] === 'watch' && parts.length > 1) {
    verb = 'watch';
    parts = parts.slice(1);
  }
  const { deeper, ...place } = placeOf(parts);
  if (place.name === '' && verb === 'get') verb = isWatch(query) ? 'watch' : 'list';
  if (place.name === '' && verb === 'delete') verb = 'deletecollection';
  if (place.name !== '' && verb === 'get' && place.subresource === '' && isWatch(query)) verb = 'watch';
  return {
    isResource: true,
    path,
    query,
    verb,
    group,
    version,
    ...place,
    name: place.name || selectedName(verb, query),
    trailing: deeper > 0 ? lastSegments(path, deeper) : '',
  };
}

interface Place {
  readonly namespace: string;
  readonly resource: string;
  readonly name: string;
  readonly subresource: string;
  /** How many segments follow the subresource. */
  readonly deeper: number;
}

function placeOf(parts: readonly string[]): Place {
  let rest = parts;
  let namespace = '';
  if (rest[0] === 'namespaces' && rest[1] !== undefined) {
    namespace = rest[1];
    if (rest.length > 2 && !namespaceSubresources.has(rest[2]!)) rest = rest.slice(2);
  }
  const [resource = '', name = '', subresource = ''] = rest;
  return { namespace, resource, name, subresource, deeper: Math.max(0, rest.length - 3) };
}

/** Untouched: what is escaped there means something to the other end, and so does a slash at the end. */
function lastSegments(path: string, count: number): string {
  const segments = [...path.matchAll(/[^/]+/g)];
  return path.slice(segments[segments.length - count]!.index);
}

/** A list that can only find one object is authorized as being about that object. */
function selectedName(verb: string, query: URLSearchParams): string {
  if (verb !== 'list' && verb !== 'watch' && verb !== 'deletecollection') return '';
  const match = /(?:^|,)metadata\.name==?([^,]+)(?:,|$)/.exec(query.get('fieldSelector') ?? '');
  return match?.[1] ?? '';
}

/** As upstream reads a boolean: given is true, unless it says false or 0. */
export function booleanOf(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value !== null && value !== '0' && value.toLowerCase() !== 'false';
}

function isWatch(query: URLSearchParams): boolean {
  return query.has('watch') && booleanOf(query, 'watch');
}

function decode(part: string): string {
  if (!part.includes('%')) return part;
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

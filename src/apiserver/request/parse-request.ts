/**
 * Reads method and URL into a RequestInfo as apiserver does: from the path decoded whole. What a caller is
 * authorized for and what is served both come from this one reading.
 */

import { booleanOf } from '#api/http/query-parameters.ts';
import type { FieldRequirement } from '#api/selectors/field-selector.ts';
import { SelectorError } from '#api/selectors/requirement.ts';
import { pathSegmentName } from '#api/validation/validators.ts';
import { originForm } from '#base/net/request-target.ts';
import { decodePath, readQuery } from '#base/net/url-path.ts';
import { ownValue } from '#base/own-value.ts';
import { PlainRefusal } from '../contract/plain-refusal.ts';
import type { RequestInfo } from '../contract/request-info.ts';
import { RequestSelectors } from '../contract/request-selectors.ts';

const verbs: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};
/** The older form of paths has the verb in front of the resource. Only `watch` is served. */
const verbsInPath = new Set(['watch', 'proxy']);
/** What can stand where a resource inside a namespace would. */
const namespaceSubresources = new Set(['status', 'finalize']);

/** Never changed: shared by the many requests without a query. */
const noQuery = new URLSearchParams();

export function parseRequest(method: string, url: string): RequestInfo {
  const target = url === '*' ? url : (originForm(url) ?? '');
  const question = target.indexOf('?');
  const path = decodePath(question < 0 ? target : target.slice(0, question));
  const query = question < 0 ? noQuery : readQuery(target.slice(question + 1));
  // As Go's HTTP server answers before anything of the API server sees the request.
  if (!path) return nonResource(method, url, query, new PlainRefusal(400, '400 Bad Request'));
  return resourceRequest(method, path, query) ?? nonResource(method, path, query);
}

/** A request without a resource: of another path, or of a URL that has not been read or has a problem. */
export function nonResource(
  method: string,
  path: string,
  query: URLSearchParams,
  problem?: PlainRefusal,
): RequestInfo {
  return {
    isResource: false,
    path,
    query,
    selectors: RequestSelectors.of(query),
    verb: method.toLowerCase(),
    group: '',
    version: '',
    resource: '',
    subresource: '',
    namespace: '',
    name: '',
    trailing: '',
    problem,
  };
}

function resourceRequest(method: string, path: string, query: URLSearchParams): RequestInfo | undefined {
  let parts = segmentsOf(path);
  const prefix = parts[0];
  if (prefix !== 'api' && prefix !== 'apis') return undefined;
  const isGrouped = prefix === 'apis';
  if (parts.length < (isGrouped ? 4 : 3)) return undefined;
  const group = isGrouped ? parts[1]! : '';
  const version = parts[isGrouped ? 2 : 1]!;
  parts = parts.slice(isGrouped ? 3 : 2);
  const isVerbInPath = verbsInPath.has(parts[0]!);
  if (isVerbInPath && parts.length === 1) return nonResource(method, path, query, noResource(path));
  const verbOfMethod = isVerbInPath ? parts[0]! : (ownValue(verbs, method) ?? '');
  const { rest, ...place } = placeOf(isVerbInPath ? parts.slice(1) : parts, verbOfMethod);
  const verb = place.name === '' ? verbOfCollection(verbOfMethod, query) : verbOfMethod;
  const selectors = RequestSelectors.of(query);
  const isSelecting = place.name === '' && verbOfMethod === 'get';
  return {
    isResource: true,
    path,
    query,
    selectors,
    verb,
    group,
    version,
    ...place,
    name: isSelecting ? selectedName(selectors) : place.name,
    ...(isVerbInPath ? { isVerbInPath } : {}),
    trailing: rest.length > 0 && path.endsWith('/') ? `${rest.join('/')}/` : rest.join('/'),
    problem: undefined,
  };
}

/** Slashes around the path do not count; empty segments within it do. */
function segmentsOf(path: string): string[] {
  let start = 0;
  let end = path.length;
  while (path[start] === '/') start++;
  while (end > start && path[end - 1] === '/') end--;
  return path.slice(start, end).split('/');
}

function noResource(path: string): PlainRefusal {
  const why = `failed to create RequestInfo: unable to determine kind and namespace from url, ${path}`;
  return new PlainRefusal(500, `Internal Server Error: ${JSON.stringify(path)}: ${why}\n`);
}

function verbOfCollection(verb: string, query: URLSearchParams): string {
  if (verb === 'get') return isWatch(query) ? 'watch' : 'list';
  return verb === 'delete' ? 'deletecollection' : verb;
}

interface Place {
  readonly namespace: string;
  readonly resource: string;
  readonly name: string;
  readonly isNamespace?: boolean;
  readonly subresource: string;
  /** The segments behind the subresource. */
  readonly rest: readonly string[];
}

const nothing: readonly string[] = [];

function placeOf(parts: readonly string[], verb: string): Place {
  let own = parts;
  let namespace = '';
  let isNamespace = false;
  if (own[0] === 'namespaces' && own[1] !== undefined) {
    namespace = own[1];
    isNamespace = own.length === 2 || namespaceSubresources.has(own[2]!);
    if (!isNamespace) own = own.slice(2);
  }
  const [resource = '', name = '', subresource = ''] = own;
  return {
    namespace,
    resource,
    name,
    ...(isNamespace ? { isNamespace } : {}),
    subresource: verb === 'proxy' ? '' : subresource,
    rest: own.length > 3 ? own.slice(3) : nothing,
  };
}

const nameField = 'metadata.name';

/** A list that can only find one object is authorized as being about that object. */
function selectedName(selectors: RequestSelectors): string {
  if (!selectors.fieldText.includes(nameField)) return '';
  const { fields } = selectors;
  // The request is refused later for one that cannot be read.
  const wanted = fields instanceof SelectorError ? undefined : fields.requirements.find(isExactName);
  return wanted && pathSegmentName(wanted.value).length === 0 ? wanted.value : '';
}

function isExactName({ field, operator }: FieldRequirement): boolean {
  return field === nameField && operator === '=';
}

function isWatch(query: URLSearchParams): boolean {
  return query.has('watch') && booleanOf(query, 'watch');
}

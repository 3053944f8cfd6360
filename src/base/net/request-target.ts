/**
 * Reads an HTTP request's target: its origin form for the API server and the kubelet alike, and the path
 * segments by which the kubelet authorizes and serves. (The API server authorizes and serves by its
 * RequestInfo instead.)
 */

import { decodePath, readQuery } from './url-path.ts';

export interface RequestTarget {
  /** Path segments, each decoded once; only the last can be empty, when the path ends in a slash. */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
}

/**
 * Path and query, `/path?query`. A client may also send the absolute form, `https://host/path`, as it does to
 * a proxy: HTTP requires every server to accept it. Undefined for any other form.
 */
export function originForm(target: string): string | undefined {
  if (target.startsWith('/')) return target;
  return /^https?:\/\/[^/?#]+(\/.*)$/is.exec(target)?.[1];
}

const oddCharacters = /[\\\p{Cc}]/u;

/**
 * Undefined for a path that is ambiguous: dot segments, empty segments, backslashes and control characters,
 * whether plain or percent-encoded, and invalid percent escapes.
 */
export function readRequestTarget(target: string): RequestTarget | undefined {
  const origin = originForm(target);
  if (origin === undefined) return undefined;
  const queryAt = origin.indexOf('?');
  const path = decodePath(queryAt < 0 ? origin : origin.slice(0, queryAt));
  const segments = path?.slice(1).split('/');
  if (!segments?.every((segment, index) => isPlain(segment, index === segments.length - 1))) return undefined;
  return { segments, query: readQuery(queryAt < 0 ? '' : origin.slice(queryAt + 1)) };
}

function isPlain(segment: string, isLast: boolean): boolean {
  if (segment === '.' || segment === '..') return false;
  return segment === '' ? isLast : !oddCharacters.test(segment);
}

/**
 * Reads an HTTP request's target: its origin form for the API server and the kubelet alike, and the segments by which the
 * kubelet both authorizes and serves. (The API server authorizes and serves by its RequestInfo instead.)
 */

import { decodePath, readQuery } from './url-path.ts';

export interface RequestTarget {
  /** Of the path, decoded once and whole; only the last one can be empty, when the path ends in a slash. */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
}

/**
 * Path and query, `/path?query`. A client may name the server as well, `https://host/path`, as it does to a proxy: HTTP
 * obliges every server to take that. Undefined for any other form.
 */
export function originForm(target: string): string | undefined {
  if (target.startsWith('/')) return target;
  return /^https?:\/\/[^/?#]+(\/.*)$/is.exec(target)?.[1];
}

const oddSigns = /[\\\p{Cc}]/u;

/**
 * Undefined for a path that has no single meaning: dot segments, empty segments, backslashes and control characters, whether
 * written plainly or percent-encoded, and percent signs that encode nothing.
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
  return segment === '' ? isLast : !oddSigns.test(segment);
}

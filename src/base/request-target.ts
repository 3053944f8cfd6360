/**
 * The one reading of an HTTP request's target: what a caller is authorized for and what is served both come from it, so
 * that the two can never differ.
 */

import { decodePath, readQuery } from './url-path.ts';

export interface RequestTarget {
  /** Of the path, decoded once and whole; none is empty but for the last one, which says that the path ended in a slash. */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
}

const oddSigns = /[\\\p{Cc}]/u;

/**
 * Undefined for a path that has no single meaning: dot segments, empty segments, backslashes and control characters, whether
 * written plainly or percent-encoded, and percent signs that encode nothing.
 */
export function readRequestTarget(target: string): RequestTarget | undefined {
  const origin = withoutAuthority(target);
  if (!origin.startsWith('/')) return undefined;
  const queryAt = origin.indexOf('?');
  const path = decodePath(queryAt < 0 ? origin : origin.slice(0, queryAt));
  const segments = path?.slice(1).split('/');
  if (!segments?.every((segment, index) => isPlain(segment, index === segments.length - 1))) return undefined;
  return { segments, query: readQuery(queryAt < 0 ? '' : origin.slice(queryAt + 1)) };
}

/** A proxy's form of the target, `https://host/path`, is allowed by HTTP for every server. */
function withoutAuthority(target: string): string {
  const authority = /^https?:\/\/[^/?#]+/i.exec(target);
  return authority ? target.slice(authority[0].length) : target;
}

function isPlain(segment: string, isLast: boolean): boolean {
  if (segment === '.' || segment === '..') return false;
  return segment === '' ? isLast : !oddSigns.test(segment);
}

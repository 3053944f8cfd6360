/**
 * The one reading of an HTTP request's target: what a caller is authorized for and what is served both come from it, so
 * that the two can never differ.
 */

export interface RequestTarget {
  /** Each decoded; none is empty but for the last one, which says that the path ended in a slash. */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
}

const decodedLimits = /[\\/\p{Cc}]/u;

/**
 * Undefined for a path that has no single meaning: dot segments, empty segments, a slash, backslash or control character
 * within a segment, whether written plainly or percent-encoded, and percent signs that encode nothing.
 */
export function readRequestTarget(target: string): RequestTarget | undefined {
  const origin = withoutAuthority(target);
  if (!origin.startsWith('/')) return undefined;
  const queryAt = origin.indexOf('?');
  const path = queryAt < 0 ? origin : origin.slice(0, queryAt);
  const segments = path.slice(1).split('/').map(decoded);
  if (!segments.every((segment, index) => isPlain(segment, index === segments.length - 1))) return undefined;
  return {
    segments: segments as string[],
    query: new URLSearchParams(queryAt < 0 ? '' : origin.slice(queryAt + 1)),
  };
}

/** A proxy's form of the target, `https://host/path`, is allowed by HTTP for every server. */
function withoutAuthority(target: string): string {
  const authority = /^https?:\/\/[^/?#]+/i.exec(target);
  return authority ? target.slice(authority[0].length) : target;
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

function isPlain(segment: string | undefined, isLast: boolean): boolean {
  if (segment === undefined || segment === '.' || segment === '..') return false;
  return segment === '' ? isLast : !decodedLimits.test(segment);
}

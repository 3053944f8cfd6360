/**
 * Reads an Authorization header as upstream's servers do: a header without a bearer token does not
 * authenticate.
 */

/** The word after `Bearer`; later words are ignored. */
export function bearerOf(header: string | undefined): string | undefined {
  const [scheme, token] = partsOf(header);
  return scheme?.toLowerCase() === 'bearer' && token ? token : undefined;
}

/** With two spaces the token is empty: upstream ignores such a header with a warning. */
export function hasSpaceBeforeToken(header: string | undefined): boolean {
  const [scheme, token, rest] = partsOf(header);
  return scheme?.toLowerCase() === 'bearer' && token === '' && rest !== undefined;
}

function partsOf(header = ''): string[] {
  return header.trim().split(' ');
}

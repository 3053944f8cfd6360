/** Reads an Authorization header as upstream's servers do: what is no bearer token says nothing of who asks. */

/** The word after `Bearer`; what follows it does not count. */
export function bearerOf(header: string | undefined): string | undefined {
  const [scheme, token] = partsOf(header);
  return scheme?.toLowerCase() === 'bearer' && token ? token : undefined;
}

/** Two spaces leave no token between them: upstream passes such a header over with a warning. */
export function hasSpaceBeforeToken(header: string | undefined): boolean {
  const [scheme, token, rest] = partsOf(header);
  return scheme?.toLowerCase() === 'bearer' && token === '' && rest !== undefined;
}

function partsOf(header = ''): string[] {
  return header.trim().split(' ');
}

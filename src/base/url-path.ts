/** Paths of URLs as Go's `net/url` and `path` packages read and write them: decoded once, whole, before anything is split. */

/** Undefined when a percent sign stands before what is no pair of hexadecimal digits. */
export function decodePath(escaped: string): string | undefined {
  if (!escaped.includes('%')) return escaped;
  if (/%(?![0-9A-Fa-f]{2})/.test(escaped)) return undefined;
  try {
    return decodeURIComponent(escaped);
  } catch {
    return decodeBytes(escaped);
  }
}

/** What is no UTF-8 becomes U+FFFD: no name in a cluster contains it. */
function decodeBytes(escaped: string): string {
  const bytes = escaped.replace(/%(..)/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString();
}

/** Everything is escaped but letters, digits and what RFC 3986 lets a path contain; of that, `!'()*` are, as in Go. */
export function encodePath(path: string): string {
  if (/^[\w\-.~$&+,/:;=@]*$/.test(path)) return path;
  return path.replace(/[^\w\-.~$&+,/:;=@]/gu, escapeSign);
}

function escapeSign(sign: string): string {
  let text = '';
  for (const byte of Buffer.from(sign)) text += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  return text;
}

/** The path from the root without dot segments and doubled slashes; a slash at its end stays. */
export function cleanPath(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(segment);
  }
  return kept.length > 0 && path.endsWith('/') ? `/${kept.join('/')}/` : `/${kept.join('/')}`;
}

/** As Go: a pair with a semicolon or with a percent sign that escapes nothing is not there. */
export function readQuery(text: string): URLSearchParams {
  if (!isOdd(text)) return new URLSearchParams(text);
  return new URLSearchParams(
    text
      .split('&')
      .filter((pair) => !isOdd(pair))
      .join('&'),
  );
}

function isOdd(text: string): boolean {
  return /;|%(?![0-9A-Fa-f]{2})/.test(text);
}

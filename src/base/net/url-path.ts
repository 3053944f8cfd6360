/**
 * URL paths and queries as Go's `net/url` and `path` packages read and write them: decoded once and as a
 * whole, before they are split.
 */

/** Undefined when a percent sign is not followed by two hexadecimal digits. */
export function decodePath(escaped: string): string | undefined {
  if (!escaped.includes('%')) return escaped;
  if (/%(?![0-9A-Fa-f]{2})/.test(escaped)) return undefined;
  try {
    return decodeURIComponent(escaped);
  } catch {
    return decodeBytes(escaped);
  }
}

/** Bytes that are not UTF-8 become U+FFFD: no name in a cluster contains it. */
function decodeBytes(escaped: string): string {
  const bytes = Buffer.from(escaped);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const isEscape = bytes[at] === percentSign;
    bytes[length++] = isEscape ? 16 * digitOf(bytes[at + 1]!) + digitOf(bytes[at + 2]!) : bytes[at]!;
    if (isEscape) at += 2;
  }
  return bytes.toString('utf8', 0, length);
}

const percentSign = 0x25;

/** Value of a hexadecimal digit, given its character code. */
function digitOf(character: number): number {
  return character <= 0x39 ? character - 0x30 : (character | 0x20) - 0x61 + 10;
}

/**
 * Escapes everything but letters, digits and what RFC 3986 allows in a path; of that, `!'()*` are escaped
 * too, as in Go.
 */
export function encodePath(path: string): string {
  if (/^[\w\-.~$&+,/:;=@]*$/.test(path)) return path;
  return path.replace(/[^\w\-.~$&+,/:;=@]/gu, escapeCharacter);
}

function escapeCharacter(character: string): string {
  let text = '';
  for (const byte of Buffer.from(character)) text += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  return text;
}

/** As Go's `url.Values` are written: by name, the values of one in their order. */
export function encodeQuery(query: URLSearchParams): string {
  const pairs = [...query].sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
  return pairs.map(([name, value]) => `${escapeQuery(name)}=${escapeQuery(value)}`).join('&');
}

function escapeQuery(text: string): string {
  return text.replace(/[^\w\-.~]/gu, (sign) => (sign === ' ' ? '+' : escapeCharacter(sign)));
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

/** Go reads no pair of a query with more pairs than this. */
const queryPairsMax = 10_000;

/**
 * As in Go, a pair with a semicolon or with an invalid percent escape is left out. Node's own parser takes
 * quadratic time for pairs without an equals sign.
 */
export function readQuery(text: string): URLSearchParams {
  const query = new URLSearchParams();
  if (isLongerThan(queryPairsMax, text)) return query;
  for (const pair of text.split('&')) {
    if (pair === '' || pair.includes(';')) continue;
    const equals = pair.indexOf('=');
    const name = decodeQuery(equals < 0 ? pair : pair.slice(0, equals));
    const value = equals < 0 ? '' : decodeQuery(pair.slice(equals + 1));
    if (name !== undefined && value !== undefined) query.append(name, value);
  }
  return query;
}

function isLongerThan(pairsMax: number, text: string): boolean {
  let pairs = 1;
  for (let at = text.indexOf('&'); at >= 0 && pairs <= pairsMax; at = text.indexOf('&', at + 1)) pairs++;
  return pairs > pairsMax;
}

function decodeQuery(escaped: string): string | undefined {
  return decodePath(escaped.includes('+') ? escaped.split('+').join(' ') : escaped);
}

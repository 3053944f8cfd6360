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

/** Of a hexadecimal digit's character. */
function digitOf(character: number): number {
  return character <= 0x39 ? character - 0x30 : (character | 0x20) - 0x61 + 10;
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

/** Of a query with more of them, Go reads none. */
const queryPairsMax = 10_000;

/**
 * As Go: a pair with a semicolon or with a percent sign that escapes nothing is not there. Node's own reading takes time by the
 * square of the pairs without an equals sign.
 */
export function readQuery(text: string): URLSearchParams {
  const query = new URLSearchParams();
  if (isLongerThan(queryPairsMax, text)) return query;
  for (const pair of text.split('&')) {
    if (pair === '' || pair.includes(';')) continue;
    const sign = pair.indexOf('=');
    const name = decodeQuery(sign < 0 ? pair : pair.slice(0, sign));
    const value = sign < 0 ? '' : decodeQuery(pair.slice(sign + 1));
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

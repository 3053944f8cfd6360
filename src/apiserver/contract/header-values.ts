/** Headers that name a user: the values of one, and the keys of those whose name ends in a key. */

import type { ApiRequest } from '#client/transport/transport.ts';

/** Each line of the header is one value, whatever commas are in it. */
export function headerValues(request: ApiRequest, name: string): readonly string[] {
  const value = request.headers[name];
  if (value === undefined) return [];
  return request.linesOf?.(name) ?? [value];
}

/** Values by the rest of the header's name, unescaped. */
export function headersAfter(request: ApiRequest, prefix: string): Record<string, readonly string[]> {
  const found: Record<string, readonly string[]> = Object.create(null);
  for (const header in request.headers) {
    if (!header.startsWith(prefix)) continue;
    const key = unescaped(header.slice(prefix.length));
    found[key] = [...(found[key] ?? []), ...headerValues(request, header)];
  }
  return found;
}

/** Invalid percent escapes are kept. */
function unescaped(key: string): string {
  if (!/^(?:[^%]|%[0-9a-f]{2})*$/i.test(key)) return key;
  const bytes = key.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}

/** URLs and their parts. */

import type { Library } from '../../declarations/environment.ts';
import { declare, method, overload } from '../../declarations/function.ts';
import { boolType, type CelType, listType, mapType, objectType, stringType } from '../../types/type.ts';
import { OpaqueValue } from '../../values/equal.ts';
import { MadeList } from '../../values/list.ts';
import { MadeMap } from '../../values/map.ts';
import { ErrorValue, noSuchOverload, type Value } from '../../values/value.ts';
import { checkRequestUri, type GoUrl, parseUrl, UrlProblem } from './parse.ts';

export const urlType: CelType = objectType('kubernetes.URL', new Map());

class UrlValue extends OpaqueValue {
  readonly type = urlType;
  readonly url: GoUrl;

  constructor(url: GoUrl) {
    super();
    this.url = url;
  }

  equals(other: Value): boolean | ErrorValue {
    return other instanceof UrlValue ? this.url.text === other.url.text : noSuchOverload;
  }

  override toString(): string {
    return this.url.text;
  }
}

function read(text: string): UrlValue | ErrorValue {
  const url = parseUrl(text);
  return url instanceof UrlProblem
    ? new ErrorValue(`URL parse error during conversion from string: ${url.message}`)
    : new UrlValue(url);
}

/** Without the port and the brackets of an IPv6 address. */
const hostname = ({ url: { host } }: UrlValue) => host.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1');

const port = ({ url: { host } }: UrlValue) => /:(\d*)$/.exec(host.replace(/^\[.*\]/, ''))?.[1] ?? '';

/** All values of each key. Parts that Go cannot read are left out. */
function query({ url: { rawQuery } }: UrlValue): Value {
  const values = new Map<string, Value[]>();
  for (const part of rawQuery.split('&')) {
    if (part === '' || part.includes(';')) continue;
    const equals = part.indexOf('=');
    const key = decoded(equals < 0 ? part : part.slice(0, equals));
    const value = decoded(equals < 0 ? '' : part.slice(equals + 1));
    if (key === undefined || value === undefined) continue;
    values.set(key, [...(values.get(key) ?? []), value]);
  }
  const map = new MadeMap();
  for (const [key, texts] of values) map.set(key, new MadeList(texts));
  return map;
}

function decoded(text: string): string | undefined {
  if (/%(?![0-9a-fA-F]{2})/.test(text)) return undefined;
  const bytes = text
    .replaceAll('+', ' ')
    .replace(/%([0-9a-fA-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  // Only escapes stand for bytes: other characters beyond ASCII are whole already.
  return /[^\x20-\x7e]/.test(text) ? bytes : Buffer.from(bytes, 'latin1').toString();
}

const part = (name: string, id: string, read: (url: UrlValue) => Value, type: CelType = stringType) =>
  declare(name, method(id, [urlType], type, read));

export const urls: Library = {
  functions: [
    declare('url', overload('string_to_url', [stringType], urlType, read)),
    declare(
      'isURL',
      overload(
        'is_url_string',
        [stringType],
        boolType,
        (text: string) => checkRequestUri(text) === undefined,
      ),
    ),
    part('getScheme', 'url_get_scheme', ({ url }) => url.scheme),
    part('getHost', 'url_get_host', ({ url }) => url.host),
    part('getHostname', 'url_get_hostname', hostname),
    part('getPort', 'url_get_port', port),
    part('getEscapedPath', 'url_get_escaped_path', ({ url }) => url.escapedPath),
    part('getQuery', 'url_get_query', query, mapType(stringType, listType(stringType))),
  ],
};

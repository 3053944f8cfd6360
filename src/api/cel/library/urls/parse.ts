/** Parses URLs as Go's `net/url` those of requests, with its messages. */

import { goQuoted } from '#wire/json/go-values.ts';
import { AddressProblem, parseAddress } from '../addresses/parse.ts';

export interface GoUrl {
  readonly scheme: string;
  /** With the port. */
  readonly host: string;
  readonly escapedPath: string;
  readonly rawQuery: string;
  /** As `String()` prints it. */
  readonly text: string;
}

export class UrlProblem {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** As `url.ParseRequestURI`: absolute, or a path from the root. A fragment counts as part of the path or query. */
export function checkRequestUri(text: string): UrlProblem | undefined {
  const parsed = parse(text, true);
  return parsed instanceof UrlProblem ? inContext(text, parsed) : undefined;
}

export function parseUrl(text: string): GoUrl | UrlProblem {
  const wrong = checkRequestUri(text);
  if (wrong !== undefined) return wrong;
  const hash = text.indexOf('#');
  const parsed = parse(hash < 0 ? text : text.slice(0, hash), false);
  if (parsed instanceof UrlProblem) return inContext(text, parsed);
  return { ...parsed, text: parsed.text + (hash < 0 ? '' : text.slice(hash)) };
}

const inContext = (text: string, { message }: UrlProblem) =>
  new UrlProblem(`parse ${goQuoted(text)}: ${message}`);

function parse(text: string, isRequest: boolean): GoUrl | UrlProblem {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are rejected
  if (/[\x00-\x1f\x7f]/.test(text)) return new UrlProblem('net/url: invalid control character in URL');
  if (text === '' && isRequest) return new UrlProblem('empty url');
  if (text === '*') return { scheme: '', host: '', escapedPath: '*', rawQuery: '', text };
  if (text.startsWith(':')) return new UrlProblem('missing protocol scheme');
  const [, written = ''] = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(text) ?? [];
  const scheme = written.toLowerCase();
  const afterScheme = written === '' ? text : text.slice(written.length + 1);
  const question = afterScheme.indexOf('?');
  const rest = question < 0 ? afterScheme : afterScheme.slice(0, question);
  const rawQuery = question < 0 ? '' : afterScheme.slice(question + 1);
  const shown = `${scheme === '' ? '' : `${scheme}:`}${afterScheme}`;
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { scheme, host: '', escapedPath: '', rawQuery, text: shown };
    if (isRequest) return new UrlProblem('invalid URI for request');
  }
  // A reference may begin with its host; a request's path does not, however many slashes it begins with.
  const hasAuthority = scheme !== '' || (!isRequest && !rest.startsWith('///'));
  return hasAuthority && rest.startsWith('//')
    ? withAuthority(scheme, rest, rawQuery, shown)
    : withPath(scheme, '', rest, rawQuery, shown);
}

function withAuthority(scheme: string, rest: string, rawQuery: string, text: string): GoUrl | UrlProblem {
  const slash = rest.indexOf('/', 2);
  const authority = rest.slice(2, slash < 0 ? undefined : slash);
  const at = authority.lastIndexOf('@');
  const host = parseHost(scheme, authority.slice(at + 1));
  if (host instanceof UrlProblem) return host;
  const user = at < 0 ? '' : authority.slice(0, at);
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user)) return new UrlProblem('net/url: invalid userinfo');
  const wrong = badEscape(user);
  if (wrong !== undefined) return wrong;
  return withPath(scheme, host, slash < 0 ? '' : rest.slice(slash), rawQuery, text);
}

function withPath(
  scheme: string,
  host: string,
  path: string,
  rawQuery: string,
  text: string,
): GoUrl | UrlProblem {
  const wrong = badEscape(path);
  if (wrong !== undefined) return wrong;
  return { scheme, host, escapedPath: escapedPath(path), rawQuery, text };
}

/** An escape is a percent sign with two digits. */
function badEscape(text: string): UrlProblem | undefined {
  const [found] = /%(?![0-9a-fA-F]{2}).{0,2}/s.exec(text) ?? [];
  return found === undefined ? undefined : new UrlProblem(`invalid URL escape ${goQuoted(found)}`);
}

/** Characters that may stand in a path stay as they are; all others are escaped. */
function escapedPath(path: string): string {
  if (/^[A-Za-z0-9\-._~!$&'()*+,;=:@/[\]%]*$/.test(path)) return path;
  const bytes = Buffer.from(
    path.replace(/%([0-9a-fA-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
  );
  return Array.from(bytes, (byte) => {
    const character = String.fromCharCode(byte);
    if (/[A-Za-z0-9\-._~$&+,/:;=@]/.test(character)) return character;
    return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}

const invalidPort = (port: string) => new UrlProblem(`invalid port ${goQuoted(port)} after host`);
const isPort = (port: string) => /^(?::\d*)?$/.test(port);

function parseHost(scheme: string, host: string): string | UrlProblem {
  const bracket = host.lastIndexOf('[');
  if (bracket > 0) return new UrlProblem('invalid IP-literal');
  if (bracket === 0) return parseLiteral(host);
  const isHttp = scheme === 'http' || scheme === 'https';
  const colon = isHttp ? host.indexOf(':') : host.lastIndexOf(':');
  if (colon >= 0 && !isPort(host.slice(colon))) return invalidPort(host.slice(colon));
  return unescapeHost(host);
}

/** `[::1]:80` */
function parseLiteral(host: string): string | UrlProblem {
  const end = host.lastIndexOf(']');
  if (end < 0) return new UrlProblem("missing ']' in host");
  const port = host.slice(end + 1);
  if (!isPort(port)) return invalidPort(port);
  const name = host.slice(1, end);
  const zoneAt = name.indexOf('%25');
  const [address, zone] = zoneAt < 0 ? [name, ''] : [name.slice(0, zoneAt), name.slice(zoneAt)];
  const unescaped = unescapeHost(address);
  if (unescaped instanceof UrlProblem) return unescaped;
  const wrong = badEscape(zone);
  if (wrong !== undefined) return wrong;
  const literal = unescaped + decodeEscapes(zone);
  const parsed = parseAddress(literal);
  if (parsed instanceof AddressProblem) return new UrlProblem(`invalid host: ${parsed.message}`);
  return parsed.bytes.length === 4 ? new UrlProblem('invalid IP-literal') : `[${literal}]${port}`;
}

const decodeEscapes = (text: string) =>
  Buffer.from(
    text.replace(/%([0-9a-fA-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString();

/** In a host only characters beyond ASCII may be escaped. */
function unescapeHost(host: string): string | UrlProblem {
  const wrong = badEscape(host);
  if (wrong !== undefined) return wrong;
  const [ascii] = /%[0-7][0-9a-fA-F]/.exec(host.replaceAll('%25', '')) ?? [];
  if (ascii !== undefined) return new UrlProblem(`invalid URL escape ${goQuoted(ascii)}`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII that no host may have
  const [odd] = /[\x00-\x7f]/.exec(host.replace(/[A-Za-z0-9\-._~!$&'()*+,;=:[\]<>"%]/g, '')) ?? [];
  if (odd !== undefined) return new UrlProblem(`invalid character ${goQuoted(odd)} in host name`);
  return host.includes('%') ? decodeEscapes(host) : host;
}

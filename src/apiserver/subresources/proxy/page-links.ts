/**
 * Links of a page that comes through the proxy lead back through the proxy. Follows upstream's proxy
 * transport.
 */

import { ownValue } from '#base/own-value.ts';

/** Attributes that hold a URL, by element. */
const linking: Readonly<Record<string, readonly string[]>> = {
  a: ['href'],
  applet: ['codebase'],
  area: ['href'],
  audio: ['src'],
  base: ['href'],
  blockquote: ['cite'],
  body: ['background'],
  button: ['formaction'],
  command: ['icon'],
  del: ['cite'],
  embed: ['src'],
  form: ['action'],
  frame: ['longdesc', 'src'],
  head: ['profile'],
  html: ['manifest'],
  iframe: ['longdesc', 'src'],
  img: ['longdesc', 'src', 'usemap'],
  input: ['src', 'usemap', 'formaction'],
  ins: ['cite'],
  link: ['href'],
  object: ['classid', 'codebase', 'data', 'usemap'],
  q: ['cite'],
  script: ['src'],
  source: ['src'],
  video: ['poster', 'src'],
};

/** What stands in these is text, whatever it looks like. */
const textElements = new Set([
  'script',
  'style',
  'textarea',
  'title',
  'xmp',
  'iframe',
  'noembed',
  'noframes',
]);

/** Longer than any real tag: what does not end by then is passed on as it is. */
const tagLengthMax = 64 * 1024;

/** The name is looked for at its beginning only. */
const attribute = /(?<![^\s"'<>/=])([^\s"'<>/=]+)(\s*=\s*)("[^"]*"|'[^']*'|[^\s"'>]+)/g;

/**
 * A path on the backend leads to the same path behind `prefix`; a relative one or another host's stays as it
 * is.
 */
export function behindPrefix(link: string, prefix: string, hosts: readonly string[]): string {
  const [, host, path] = /^(?:(?:https?:)?\/\/([^/?#]*))?(.*)$/is.exec(link)!;
  if (host !== undefined && !hosts.includes(host)) return link;
  if (!path!.startsWith('/')) return link;
  return path!.startsWith(prefix) ? path! : prefix + path;
}

/** A page in pieces as they come; each character is one byte, so that no encoding matters. */
export class PageLinks {
  #rest = '';
  /** The end of what is passed on as it is: of a comment, of an element that holds text. */
  #until: RegExp | undefined;
  readonly #prefix: string;
  readonly #hosts: readonly string[];

  constructor(prefix: string, hosts: readonly string[]) {
    this.#prefix = prefix;
    this.#hosts = hosts;
  }

  /** What is certain after this piece. */
  push(piece: string): string {
    this.#rest += piece;
    let out = '';
    for (;;) {
      const part = this.#take();
      if (part === '') return out;
      out += part;
    }
  }

  end(): string {
    return this.#rest;
  }

  #take(): string {
    if (this.#until) return this.#takeUntil(this.#until);
    const start = this.#rest.indexOf('<');
    if (start !== 0) return this.#cut(start < 0 ? this.#rest.length : start);
    if (this.#rest.length < '<!--'.length) return '';
    if (this.#rest.startsWith('<!--')) {
      this.#until = /-->/;
      return this.#cut('<!--'.length);
    }
    if (!/^<[a-z/!?]/i.test(this.#rest)) return this.#cut(1);
    const length = tagLength(this.#rest);
    if (length > 0) return this.#takeTag(length);
    return this.#rest.length > tagLengthMax ? this.#cut(this.#rest.length) : '';
  }

  #takeUntil(end: RegExp): string {
    const found = end.exec(this.#rest);
    // The end may be cut in two by the end of the piece.
    if (!found) return this.#cut(Math.max(0, this.#rest.length - longestEnd));
    this.#until = undefined;
    return this.#cut(found.index + 1);
  }

  #takeTag(length: number): string {
    const tag = this.#cut(length);
    const name = /^<([a-z][^\s/>]*)/i.exec(tag)?.[1]?.toLowerCase() ?? '';
    if (textElements.has(name)) this.#until = new RegExp(`</${name}[\\s/>]`, 'i');
    const attributes = ownValue(linking, name);
    if (!attributes) return tag;
    return tag.replace(attribute, (all, key: string, equals: string, value: string) =>
      attributes.includes(key.toLowerCase()) ? key + equals + this.#rewritten(value) : all,
    );
  }

  #rewritten(value: string): string {
    const quote = /^["']/.exec(value)?.[0] ?? '';
    const link = quote ? value.slice(1, -1) : value;
    return quote + behindPrefix(link, this.#prefix, this.#hosts) + quote;
  }

  #cut(length: number): string {
    const part = this.#rest.slice(0, length);
    this.#rest = this.#rest.slice(length);
    return part;
  }
}

const longestEnd = '</textarea>'.length;

/** Up to the `>` that is in no quotes; 0 when it has not come yet. */
function tagLength(text: string): number {
  let quote = '';
  for (let i = 1; i < text.length; i++) {
    const char = text[i]!;
    if (quote) quote = char === quote ? '' : quote;
    else if (char === '>') return i + 1;
    else if ((char === '"' || char === "'") && /=\s*$/.test(text.slice(Math.max(0, i - 20), i))) quote = char;
  }
  return 0;
}

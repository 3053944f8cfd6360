/** The tags of a YAML document, whose directives may declare handles for them. */

import type { ScalarEvent } from 'js-yaml';

const defaultTagPrefix = 'tag:yaml.org,2002:';

export class Tags {
  readonly #text: string;
  readonly #prefixes = new Map<string, string>([['!!', defaultTagPrefix]]);

  constructor(text: string) {
    this.#text = text;
  }

  declare(handle: string, prefix: string): void {
    this.#prefixes.set(handle, prefix);
  }

  /** `!!str` for every spelling of the core schema's tag. */
  of({ tagStart, tagEnd }: ScalarEvent): string {
    if (tagStart < 0) return '';
    const written = this.#text.slice(tagStart, tagEnd);
    if (written === '!') return written;
    const long = written.startsWith('!<') ? written.slice(2, -1) : this.#expanded(written);
    return long.startsWith(defaultTagPrefix) ? `!!${long.slice(defaultTagPrefix.length)}` : long;
  }

  #expanded(tag: string): string {
    const handle = /^!(?:[\w-]*!)?/.exec(tag)?.[0] ?? '';
    const prefix = this.#prefixes.get(handle);
    return prefix === undefined ? tag : prefix + tag.slice(handle.length);
  }
}

/** The value of one YAML document, composed from js-yaml's events, with its duplicate keys. */

import {
  type DocumentDirective,
  EVENT_ID,
  type Event,
  getScalarValue,
  SCALAR_STYLE,
  type ScalarEvent,
} from 'js-yaml';
import { strictErrorsMax } from '../json/duplicate-fields.ts';
import { goQuoted } from '../json/go-values.ts';
import { isJsonObject, type JsonObject, setKey } from '../json/value.ts';
import { Anchors } from './anchors.ts';
import { YamlError } from './error.ts';
import { keyText } from './keys.ts';
import { resolveScalar, taggedScalar } from './scalar.ts';
import { Tags } from './tags.ts';

export interface YamlDocument {
  /** Null for a text without a document. */
  readonly value: unknown;
  /** `line 3: key "a" already set in map`; the first hundred of many. */
  readonly duplicates: readonly string[];
}

const unicodeBreak = /[\u2028\u2029]/;
/** A space that is escaped is no indentation. */
const indentedBreak = /(?:(?<![\\ \t])[ \t]+)?([\u2028\u2029])[ \t]*/g;

export class Composer {
  readonly #text: string;
  readonly #events: Event[];
  readonly #anchors = new Anchors();
  readonly #tags: Tags;
  readonly #duplicates: string[] = [];
  #at = 0;
  /** Lines are counted up to here. */
  #line = { at: 0, number: 1 };

  constructor(text: string, events: Event[]) {
    this.#text = text;
    this.#events = events;
    this.#tags = new Tags(text);
  }

  document(): YamlDocument {
    const event = this.#next();
    if (event?.type !== EVENT_ID.DOCUMENT) return { value: null, duplicates: [] };
    for (const directive of event.directives) this.#directive(directive);
    const value = this.#peek()?.type === EVENT_ID.POP ? null : jsonable(this.#value());
    return { value, duplicates: this.#duplicates };
  }

  #directive(directive: DocumentDirective): void {
    if (directive.kind === 'tag') this.#tags.declare(directive.handle, directive.prefix);
    else if (directive.version !== '1.1') throw new YamlError('yaml: found incompatible YAML document');
  }

  #peek(): Event | undefined {
    return this.#events[this.#at];
  }

  #next(): Event | undefined {
    return this.#events[this.#at++];
  }

  #value(): unknown {
    const event = this.#next()!;
    this.#anchors.countNode();
    switch (event.type) {
      case EVENT_ID.SCALAR:
        return this.#anchor(event, () => this.#scalar(event));
      case EVENT_ID.SEQUENCE:
        return this.#anchor(event, () => this.#sequence());
      case EVENT_ID.MAPPING:
        return this.#anchor(event, () => this.#mapping());
      case EVENT_ID.ALIAS:
        return this.#anchors.copy(this.#text.slice(event.anchorStart, event.anchorEnd));
      default:
        return null;
    }
  }

  #anchor(event: { anchorStart: number; anchorEnd: number }, make: () => unknown): unknown {
    if (event.anchorStart < 0) return make();
    return this.#anchors.define(this.#text.slice(event.anchorStart, event.anchorEnd), make);
  }

  #scalar(event: ScalarEvent): unknown {
    const tag = this.#tags.of(event);
    if (tag !== '') return taggedScalar(tag, this.#textOf(event));
    if (event.style !== SCALAR_STYLE.PLAIN) return this.#textOf(event);
    return resolveScalar(this.#textOf(event)).value;
  }

  /** Go's reader takes no escape of half a surrogate pair, in pairs neither. */
  #refuseSurrogates({ valueStart, valueEnd }: ScalarEvent): void {
    const text = this.#text.slice(valueStart, valueEnd);
    const escapes = text.match(/\\(?:u[dD][89a-fA-F]|[\s\S])/g);
    if (!escapes?.some(({ length }) => length > 2)) return;
    const line = this.#text.slice(0, valueStart).split('\n').length;
    const where = line > 1 ? `line ${line}: ` : '';
    throw new YamlError(`yaml: ${where}found invalid Unicode character escape code`);
  }

  /** A block scalar that ends with the text, not with a line break, has none at its end. */
  #textOf(event: ScalarEvent): string {
    if (event.style === SCALAR_STYLE.DOUBLE_QUOTED) this.#refuseSurrogates(event);
    const isBlock = event.style === SCALAR_STYLE.LITERAL_BLOCK || event.style === SCALAR_STYLE.FOLDED_BLOCK;
    const text = isBlock ? getScalarValue(this.#text, event) : this.#flowText(event);
    this.#anchors.countBytes(text.length);
    const isCut = isBlock && event.valueEnd >= this.#text.length && !this.#text.endsWith('\n');
    return isCut && text.endsWith('\n') ? text.slice(0, -1) : text;
  }

  /** In YAML 1.1 these end a line too: what stands before and behind is indentation. */
  #flowText(event: ScalarEvent): string {
    const { valueStart, valueEnd } = event;
    const written = this.#text.slice(valueStart, valueEnd);
    if (!unicodeBreak.test(written)) return getScalarValue(this.#text, event);
    const text = written.replace(indentedBreak, '$1');
    return getScalarValue(text, { ...event, valueStart: 0, valueEnd: text.length });
  }

  #sequence(): unknown[] {
    const list: unknown[] = [];
    while (this.#peek()!.type !== EVENT_ID.POP) list.push(jsonable(this.#value()));
    this.#at++;
    return list;
  }

  #mapping(): JsonObject {
    const map: JsonObject = {};
    const seen = new Set<unknown>();
    while (this.#peek()!.type !== EVENT_ID.POP) {
      if (this.#isMergeKey()) {
        this.#at++;
        this.#merge(map, seen, this.#position());
      } else {
        const key = this.#value();
        const position = this.#position();
        const value = this.#value();
        this.#set(map, seen, key, value, position);
      }
    }
    this.#at++;
    return map;
  }

  /** Where the next event begins. */
  #position(): number {
    const event = this.#peek()!;
    if (event.type === EVENT_ID.SCALAR) return event.valueStart;
    if (event.type === EVENT_ID.ALIAS) return event.anchorStart;
    return event.type === EVENT_ID.SEQUENCE || event.type === EVENT_ID.MAPPING ? event.start : 0;
  }

  #isMergeKey(): boolean {
    const event = this.#peek()!;
    if (event.type !== EVENT_ID.SCALAR) return false;
    if (event.valueEnd - event.valueStart !== 2 || event.style !== SCALAR_STYLE.PLAIN) return false;
    return this.#text.startsWith('<<', event.valueStart);
  }

  /** In the order of the text: merged keys replace earlier ones. */
  #merge(map: JsonObject, seen: Set<unknown>, position: number): void {
    const isList = this.#peek()!.type === EVENT_ID.SEQUENCE;
    const value = this.#value();
    const sources = isList ? (value as unknown[]).toReversed() : [value];
    for (const source of sources) {
      if (!isJsonObject(source)) {
        throw new YamlError('yaml: map merge requires map or sequence of maps as the value');
      }
      for (const key of Object.keys(source)) this.#set(map, seen, key, source[key], position);
    }
  }

  #set(map: JsonObject, seen: Set<unknown>, key: unknown, value: unknown, position: number): void {
    if (seen.has(key)) this.#duplicate(key, position);
    seen.add(key);
    setKey(map, keyText(key, value), jsonable(value));
  }

  #duplicate(key: unknown, position: number): void {
    if (this.#duplicates.length >= strictErrorsMax) return;
    const shown = typeof key === 'string' ? goQuoted(key) : String(key);
    this.#duplicates.push(`line ${this.#lineAt(position)}: key ${shown} already set in map`);
  }

  #lineAt(position: number): number {
    if (position < this.#line.at) this.#line = { at: 0, number: 1 };
    for (;;) {
      const newline = this.#text.indexOf('\n', this.#line.at);
      if (newline < 0 || newline >= position) return this.#line.number;
      this.#line = { at: newline + 1, number: this.#line.number + 1 };
    }
  }
}

function jsonable(value: unknown): unknown {
  if (typeof value !== 'number' || Number.isFinite(value)) return value;
  const word = Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  throw new YamlError(`json: unsupported value: ${word}`);
}

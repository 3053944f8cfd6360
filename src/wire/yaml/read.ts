/**
 * YAML as the API server reads it: the result of sigs.k8s.io/yaml, in time linear in the length of the text.
 *
 *   1. the first document of the text; later documents are ignored
 *   2. events, by js-yaml
 *   3. values: a plain scalar is resolved by `scalar.ts`, an alias is a copy, a merge key inserts in its
 *      place
 */

import {
  type DocumentDirective,
  EVENT_ID,
  type Event,
  getScalarValue,
  parseEvents,
  SCALAR_STYLE,
  type ScalarEvent,
  YAMLException,
} from 'js-yaml';
import { strictErrorsMax } from '../json/duplicate-fields.ts';
import { goQuoted } from '../json/go-values.ts';
import { nestingMax } from '../json/nesting.ts';
import { isJsonObject, type JsonObject, setKey } from '../json/value.ts';
import { complaintText } from './complaints.ts';
import { YamlError } from './error.ts';
import { indentFlowLines } from './flow-lines.ts';
import { keyText } from './keys.ts';
import { resolveScalar, taggedScalar } from './scalar.ts';

export interface YamlDocument {
  /** Null for a text without a document. */
  readonly value: unknown;
  /** `line 3: key "a" already set in map`; the first hundred of many. */
  readonly duplicates: readonly string[];
}

/** Throws `YamlError`. */
export function readYaml(source: Uint8Array | string): YamlDocument {
  const text = firstDocument(typeof source === 'string' ? source : decoded(source));
  try {
    return composed(text);
  } catch (error) {
    if (!(error instanceof YAMLException) || error.reason !== 'deficient indentation') throw yamlError(error);
  }
  try {
    return composed(indentFlowLines(text));
  } catch (error) {
    throw yamlError(error);
  }
}

function composed(text: string): YamlDocument {
  return new Composer(text, parseEvents(text, { maxDepth: nestingMax })).document();
}

function yamlError(error: unknown): unknown {
  if (error instanceof YAMLException) return new YamlError(complaintText(error));
  if (error instanceof RangeError) return new YamlError('yaml: exceeded max depth');
  return error;
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes);
  } catch {
    throw new YamlError('yaml: invalid leading UTF-8 octet');
  }
}

function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
}

/** Up to the marker that ends the first document: a second `---`, or the first one after content. */
function firstDocument(text: string): string {
  const marker = /^(?:---|\.\.\.)(?=\s|$)/gm;
  const first = marker.exec(text);
  if (!first) return text;
  const isBeginning = first[0] === '---' && hasNoContent(text.slice(0, first.index));
  const end = isBeginning ? marker.exec(text) : first;
  return end ? text.slice(0, end.index) : text;
}

/** Blank lines, comments and directives only. */
function hasNoContent(text: string): boolean {
  return text.split(/[\r\n\u2028\u2029]/).every((line) => /^\s*(?:[#%]|$)/.test(line));
}

/**
 * Copies made by aliases are counted as go-yaml does: 99 % of a small document may be copies, 10 % of a large
 * one.
 */
const fewNodes = 400_000;
const manyNodes = 4_000_000;
/**
 * go-yaml does not count bytes, since its copies share them until they are written; a value larger than a
 * body is never intended.
 */
const aliasBytesMax = 3 * 1024 * 1024;
/** A node's own characters in JSON: a comma, a colon, a bracket. */
const nodeBytes = 2;

function aliasShareMax(nodes: number): number {
  if (nodes <= fewNodes) return 0.99;
  if (nodes >= manyNodes) return 0.1;
  return 0.99 - 0.89 * ((nodes - fewNodes) / (manyNodes - fewNodes));
}

interface Anchored {
  value: unknown;
  /** Number of its nodes, including those of its own aliases. */
  nodes: number;
  /** Approximate length as JSON. */
  bytes: number;
  isOpen: boolean;
}

function jsonable(value: unknown): unknown {
  if (typeof value !== 'number' || Number.isFinite(value)) return value;
  const word = Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  throw new YamlError(`json: unsupported value: ${word}`);
}

function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf);
  if (!isJsonObject(value)) return value;
  const copy: JsonObject = {};
  for (const key of Object.keys(value)) setKey(copy, key, copyOf(value[key]));
  return copy;
}

const defaultTagPrefix = 'tag:yaml.org,2002:';

class Composer {
  readonly #text: string;
  readonly #events: Event[];
  readonly #anchors = new Map<string, Anchored>();
  readonly #tagHandles = new Map<string, string>([['!!', defaultTagPrefix]]);
  readonly #duplicates: string[] = [];
  #at = 0;
  #nodes = 0;
  #aliasNodes = 0;
  #bytes = 0;
  #aliasBytes = 0;
  /** Lines are counted up to here. */
  #line = { at: 0, number: 1 };

  constructor(text: string, events: Event[]) {
    this.#text = text;
    this.#events = events;
  }

  document(): YamlDocument {
    const event = this.#next();
    if (event?.type !== EVENT_ID.DOCUMENT) return { value: null, duplicates: [] };
    for (const directive of event.directives) this.#directive(directive);
    const value = this.#peek()?.type === EVENT_ID.POP ? null : jsonable(this.#value());
    return { value, duplicates: this.#duplicates };
  }

  #directive(directive: DocumentDirective): void {
    if (directive.kind === 'tag') this.#tagHandles.set(directive.handle, directive.prefix);
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
    this.#nodes++;
    this.#bytes += nodeBytes;
    switch (event.type) {
      case EVENT_ID.SCALAR:
        return this.#anchor(event, () => this.#scalar(event));
      case EVENT_ID.SEQUENCE:
        return this.#anchor(event, () => this.#sequence());
      case EVENT_ID.MAPPING:
        return this.#anchor(event, () => this.#mapping());
      case EVENT_ID.ALIAS:
        return this.#alias(this.#text.slice(event.anchorStart, event.anchorEnd));
      default:
        return null;
    }
  }

  #anchor(event: { anchorStart: number; anchorEnd: number }, make: () => unknown): unknown {
    if (event.anchorStart < 0) return make();
    const anchored: Anchored = { value: null, nodes: this.#nodes, bytes: this.#bytes, isOpen: true };
    this.#anchors.set(this.#text.slice(event.anchorStart, event.anchorEnd), anchored);
    anchored.value = make();
    anchored.nodes = this.#nodes - anchored.nodes + 1;
    anchored.bytes = this.#bytes - anchored.bytes + nodeBytes;
    anchored.isOpen = false;
    return anchored.value;
  }

  #alias(name: string): unknown {
    const anchored = this.#anchors.get(name);
    if (!anchored) throw new YamlError(`yaml: unknown anchor '${name}' referenced`);
    if (anchored.isOpen) throw new YamlError(`yaml: anchor '${name}' value contains itself`);
    this.#nodes += anchored.nodes;
    this.#aliasNodes += anchored.nodes;
    this.#bytes += anchored.bytes;
    this.#aliasBytes += anchored.bytes;
    if (this.#isExcessive()) throw new YamlError('yaml: document contains excessive aliasing');
    return copyOf(anchored.value);
  }

  #isExcessive(): boolean {
    if (this.#aliasBytes > aliasBytesMax) return true;
    const isMuch = this.#aliasNodes > 100 && this.#nodes > 1000;
    return isMuch && this.#aliasNodes / this.#nodes > aliasShareMax(this.#nodes);
  }

  #scalar(event: ScalarEvent): unknown {
    const tag = this.#tagOf(event);
    if (tag !== '') return taggedScalar(tag, this.#textOf(event));
    if (event.style !== SCALAR_STYLE.PLAIN) return this.#textOf(event);
    return resolveScalar(this.#textOf(event)).value;
  }

  /** A block scalar that ends with the text, not with a line break, has none at its end. */
  #textOf(event: ScalarEvent): string {
    const text = getScalarValue(this.#text, event);
    this.#bytes += text.length;
    const isBlock = event.style === SCALAR_STYLE.LITERAL_BLOCK || event.style === SCALAR_STYLE.FOLDED_BLOCK;
    const isCut = isBlock && event.valueEnd >= this.#text.length && !this.#text.endsWith('\n');
    return isCut && text.endsWith('\n') ? text.slice(0, -1) : text;
  }

  /** `!!str` for every spelling of the core schema's tag. */
  #tagOf({ tagStart, tagEnd }: ScalarEvent): string {
    if (tagStart < 0) return '';
    const written = this.#text.slice(tagStart, tagEnd);
    if (written === '!') return written;
    const long = written.startsWith('!<') ? written.slice(2, -1) : this.#expanded(written);
    return long.startsWith(defaultTagPrefix) ? `!!${long.slice(defaultTagPrefix.length)}` : long;
  }

  #expanded(tag: string): string {
    const handle = /^!(?:[\w-]*!)?/.exec(tag)?.[0] ?? '';
    const prefix = this.#tagHandles.get(handle);
    return prefix === undefined ? tag : prefix + tag.slice(handle.length);
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

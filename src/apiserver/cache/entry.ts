/** One object at one revision: its bytes, what is indexed of it, and its parsed form while it is in use. */

import type { AnyObject } from '#api/meta/object.ts';
import { keepLarge, largeBytesMin } from './large-objects.ts';
import { parseBytes, spliceRevision } from './stored-bytes.ts';

/** What can be selected by without parsing. */
export interface Selectable {
  readonly labels: Readonly<Record<string, string>>;
  /** Values beyond metadata.name and metadata.namespace. */
  readonly fields: Readonly<Record<string, string>>;
}

/** A second encoding of an object, as long as it is kept. */
export interface KeptEncoding {
  readonly key: string;
  readonly generation: number;
  bytes: Uint8Array | undefined;
}

export class Entry {
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly revision: number;
  /** The store's own bytes, without resourceVersion. */
  readonly value: Uint8Array;
  readonly labels: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, string>>;
  /** `encoding` and `row` are written by EncodedEntries, which bound their memory. */
  encoding: KeptEncoding | undefined;
  /** The row of a table, its ages left open. */
  row: KeptEncoding | undefined;
  /** Weak, so that a large cluster is held as bytes, and small hot objects are parsed once. */
  #parsed: WeakRef<AnyObject> | undefined;

  constructor(
    at: { key: string; namespace: string; name: string; revision: number },
    value: Uint8Array,
    selectable: Selectable,
  ) {
    this.key = at.key;
    this.namespace = at.namespace;
    this.name = at.name;
    this.revision = at.revision;
    this.value = value;
    this.labels = selectable.labels;
    this.fields = selectable.fields;
  }

  /** Parsed and shared: never to be changed. */
  object(): AnyObject {
    const object = this.#parsed?.deref() ?? this.#parse();
    if (this.value.length >= largeBytesMin) keepLarge(this.value, object);
    return object;
  }

  #parse(): AnyObject {
    const object = this.copy();
    this.#parsed = new WeakRef(object);
    return object;
  }

  /** Parsed and the caller's own. */
  copy(): AnyObject {
    const object = parseBytes(this.value);
    object.metadata = { ...object.metadata, resourceVersion: String(this.revision) };
    return object;
  }

  /** As a client gets it. */
  bytes(): Uint8Array {
    return spliceRevision(this.value, this.revision);
  }

  /** What a field selector compares. */
  field(name: string): string {
    if (name === 'metadata.name') return this.name;
    if (name === 'metadata.namespace') return this.namespace;
    return this.fields[name] ?? '';
  }
}

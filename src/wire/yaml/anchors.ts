/**
 * The anchors of a YAML document. An alias is a copy of its anchor's value; nodes and bytes are counted, so
 * that copies of copies stay within go-yaml's bounds.
 */

import { isJsonObject, type JsonObject, setKey } from '../json/value.ts';
import { YamlError } from './error.ts';

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

export class Anchors {
  readonly #byName = new Map<string, Anchored>();
  #nodes = 0;
  #aliasNodes = 0;
  #bytes = 0;
  #aliasBytes = 0;

  countNode(): void {
    this.#nodes++;
    this.#bytes += nodeBytes;
  }

  countBytes(bytes: number): void {
    this.#bytes += bytes;
  }

  /** Makes the value of a counted node and keeps it by its anchor's name. */
  define(name: string, make: () => unknown): unknown {
    const anchored: Anchored = { value: null, nodes: this.#nodes, bytes: this.#bytes, isOpen: true };
    this.#byName.set(name, anchored);
    anchored.value = make();
    anchored.nodes = this.#nodes - anchored.nodes + 1;
    anchored.bytes = this.#bytes - anchored.bytes + nodeBytes;
    anchored.isOpen = false;
    return anchored.value;
  }

  /** A copy of the anchor's value. Throws `YamlError` for an unknown or open anchor, and for too many copies. */
  copy(name: string): unknown {
    const anchored = this.#byName.get(name);
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
}

function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf);
  if (!isJsonObject(value)) return value;
  const copy: JsonObject = {};
  for (const key of Object.keys(value)) setKey(copy, key, copyOf(value[key]));
  return copy;
}

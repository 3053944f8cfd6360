/**
 * Holds equal parts of objects once: what a template or the defaults gave to thousands of them. A pod's containers
 * are most of its memory, and those of one Deployment differ in little.
 */

import type { KubeObject } from '#api/meta/object.ts';
import { knownIfSame } from '#base/collections/known-if-same.ts';

/** How deep parts of parts are looked at: a pod's containers, each container, its environment. */
const depthMax = 2;
/** Bounds the JSON that parts are found by, in one generation. */
const textBytesMax = 4 * 1024 * 1024;

/** Texts of this length are shared, and so many of them at once. */
const parserTextMax = 10;
const sharedTextMax = 64;
const textsMax = 10_000;

type Members = Record<string, unknown>;

export class EqualParts {
  /** By their JSON. What was not seen again for a generation is forgotten here, and stays with its objects. */
  #recent = new Map<string, object>();
  #old = new Map<string, object>();
  #recentBytes = 0;
  readonly #texts = new Map<string, string>();
  /** Of the previous object: objects that were created together often differ in their names only. */
  #lastAnnotations: Readonly<Record<string, string>> = {};
  #lastSpec: Members = {};
  #lastStatus: Members = {};
  readonly #textBytesMax: number;

  constructor(limitBytes = textBytesMax) {
    this.#textBytesMax = limitBytes;
  }

  /** Replaces parts of an object that was just parsed by equal ones; they are frozen, being in many objects. */
  share(object: KubeObject & { spec?: unknown; status?: unknown }): void {
    const { metadata, spec, status } = object;
    const created = metadata?.creationTimestamp;
    if (created) metadata.creationTimestamp = this.#sharedText(created);
    if (metadata?.labels) metadata.labels = this.#shared(metadata.labels, 0);
    if (metadata?.ownerReferences) metadata.ownerReferences = this.#shared(metadata.ownerReferences, 0);
    if (metadata?.annotations) {
      this.#lastAnnotations = sharedPart(this.#lastAnnotations, metadata.annotations);
      metadata.annotations = this.#lastAnnotations;
    }
    if (isMembers(spec)) {
      this.#shareMembers(spec, depthMax);
      this.#lastSpec = sharedPart(this.#lastSpec, spec);
      object.spec = this.#lastSpec;
    }
    if (isMembers(status)) {
      this.#lastStatus = sharedPart(this.#lastStatus, status);
      object.status = this.#lastStatus;
    }
  }

  #shareMembers(parent: Members, depth: number): void {
    for (const key of Object.keys(parent)) {
      const part = parent[key];
      if (typeof part === 'string') parent[key] = this.#sharedText(part);
      else if (part && typeof part === 'object') parent[key] = this.#shared(part, depth);
    }
  }

  /** Of `Always`, `ClusterFirst` and the like; the parser itself shares those of up to ten characters. */
  #sharedText(text: string): string {
    if (text.length <= parserTextMax || text.length > sharedTextMax) return text;
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    if (this.#texts.size >= textsMax) this.#texts.clear();
    this.#texts.set(text, text);
    return text;
  }

  #shared<T extends object>(part: T, depth: number): T {
    const text = JSON.stringify(part);
    const known = this.#recent.get(text) ?? this.#old.get(text);
    if (!known && depth > 0) this.#shareMembers(part as Members, depth - 1);
    const kept = known ?? deepFreeze(part);
    if (!this.#recent.has(text)) this.#keep(text, kept);
    return kept as T;
  }

  #keep(text: string, part: object): void {
    if (this.#recentBytes + text.length > this.#textBytesMax) {
      this.#old = this.#recent;
      this.#recent = new Map();
      this.#recentBytes = 0;
    }
    this.#recent.set(text, part);
    this.#recentBytes += text.length;
  }
}

function isMembers(part: unknown): part is Members {
  return typeof part === 'object' && part !== null && !Array.isArray(part);
}

/** `known` if `part` has the same texts, numbers and shared parts, or else `part`; frozen, being in many objects. */
function sharedPart<T extends Members>(known: T, part: T): T {
  return Object.freeze(knownIfSame(known, part));
}

function deepFreeze<T extends object>(part: T): T {
  if (Object.isFrozen(part)) return part;
  for (const member of Object.values(part)) {
    if (member && typeof member === 'object') deepFreeze(member);
  }
  return Object.freeze(part);
}

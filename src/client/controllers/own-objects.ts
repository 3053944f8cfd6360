/**
 * What the runner knows of the objects that one controller keeps: which changes it has requested and not seen
 * yet (`expectations.ts`), and which versions it has written (`written-versions.ts`).
 */

import type { KubeObject, Stored } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import type { Clock } from '#base/clock.ts';
import type { Lister } from '../informers/informer.ts';
import { Expectations } from './expectations.ts';
import { keyOf, splitKey } from './queue-key.ts';
import { WrittenVersions } from './written-versions.ts';

export class OwnObjects {
  readonly expectations: Expectations;
  readonly #written = new WrittenVersions();
  readonly #listers = new Map<string, Lister<KubeObject>>();
  readonly #onWrite: (object: Stored<KubeObject>) => void;

  constructor(clock: Clock, onWrite: (object: Stored<KubeObject>) => void = () => {}) {
    this.#onWrite = onWrite;
    this.expectations = new Expectations(clock);
  }

  /** Objects of this type are named by the controller's keys. */
  add(type: ResourceType, lister: Lister<KubeObject>): void {
    this.#listers.set(idOf(type), lister);
  }

  /**
   * A cached object of this key is older than what was written: deciding by it would repeat what was done.
   */
  isOutdated(key: string): boolean {
    let isThere = false;
    for (const lister of this.#listers.values()) {
      const cached = lister.get(...splitKey(key));
      if (!cached) continue;
      if (this.#written.isOutdated(cached)) return true;
      isThere = true;
    }
    if (!isThere) this.expectations.forget(key);
    return false;
  }

  wrote(type: ResourceType, stored: Stored<KubeObject>): void {
    if (!this.#listers.has(idOf(type))) return;
    this.#written.wrote(stored);
    this.#onWrite(stored);
  }

  /** Returns whether a decision has waited for this. */
  seen(cached: Stored<KubeObject>): boolean {
    return this.#written.seen(cached);
  }

  deleted(object: Stored<KubeObject>): void {
    this.#written.forget(object);
    this.expectations.forget(keyOf(object));
  }
}

function idOf({ group, resource }: ResourceType): string {
  return `${resource}.${group}`;
}

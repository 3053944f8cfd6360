/**
 * What wakes a controller, declared: which changes of which objects wake which keys. The runner makes the
 * subscriptions.
 */

import type { KubeObject, Stored } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import type { Selection } from '../informers/informer.ts';

/** `listed`: the object was there when the controller began. */
export type Change = 'listed' | 'added' | 'updated' | 'deleted';

/** With neither `owner` nor `keys` the objects are the controller's own: each wakes the key that names it. */
export interface Watch<T extends KubeObject = KubeObject> {
  readonly type: ResourceType<T>;
  readonly selection?: Selection;
  /** Which changes wake. Default: all. */
  readonly on?: readonly Change[];
  /** Objects of which no change wakes. */
  filter?(object: Stored<T>): boolean;
  /** Updates that wake nothing. */
  changed?(old: Stored<T>, now: Stored<T>): boolean;
  /**
   * The key whose plans create and delete this object: it is woken, and no longer waits for that to be seen.
   */
  owner?(object: Stored<T>): string | undefined;
  /**
   * Keys that are woken, too. Those of the object before an update are woken when its labels or owners have
   * changed: they must not depend on anything else of it that can change.
   */
  keys?(object: Stored<T>): Iterable<string>;
  readonly delayMs?: number;
  /** What the controller remembers of the change for its decisions. Also of changes that wake nothing. */
  note?(change: Change, object: Stored<T>, old?: Stored<T>): void;
}

/** Lets `T` follow from `type`. */
export function watch<T extends KubeObject>(declared: Watch<T>): Watch {
  return declared as unknown as Watch;
}

/** Watches the objects that quotas count, and notes what they give back when they are deleted or use less. */

import type { ResourceQuota } from '#api/generated/types.gen.ts';
import type { Kind } from '#api/kind/define-kind.ts';
import type { KubeObject, Stored } from '#api/meta/object.ts';
import { keyOf } from '#client/controllers/queue-key.ts';
import { type Change, type Watch, watch } from '#client/controllers/watch.ts';
import type { Informer } from '#client/informers/informer.ts';
import { FreedUsage } from './freed-usage.ts';
import { type Measure, quotaUsage, usageText } from './quota-usage.ts';

type StoredObject = Stored<KubeObject>;

export class CountedUsage {
  readonly freed = new FreedUsage();
  readonly #quotas: Informer<ResourceQuota>;
  readonly #measure: () => Measure;
  readonly #watched = new Set<Kind>();

  constructor(quotas: Informer<ResourceQuota>, measure: () => Measure) {
    this.#quotas = quotas;
    this.#measure = measure;
  }

  /** New objects enqueue nothing: admission has counted them. */
  watchOnce(kind: Kind, watchLater: (declared: Watch) => void): void {
    if (this.#watched.has(kind)) return;
    this.#watched.add(kind);
    const quotasOf = ({ metadata }: StoredObject) => this.#quotas.list(metadata.namespace);
    const textOf = (object: StoredObject) => usageText(kind, object, this.#measure());
    const changed = (old: StoredObject, now: StoredObject) =>
      quotasOf(now).length > 0 && textOf(old) !== textOf(now);
    const keys = (object: StoredObject) => quotasOf(object).map(keyOf);
    const note = (change: Change, object: StoredObject, old?: StoredObject) => {
      if (change === 'deleted') this.#free(kind, object, undefined);
      else if (old && changed(old, object)) this.#free(kind, old, object);
    };
    watchLater(watch({ type: kind.type, on: ['updated', 'deleted'], changed, keys, note }));
  }

  #free(kind: Kind, object: StoredObject, now: StoredObject | undefined): void {
    for (const quota of this.#quotas.list(object.metadata.namespace)) {
      const before = quotaUsage(quota, kind, object, this.#measure());
      this.freed.add(keyOf(quota), before, now ? quotaUsage(quota, kind, now, this.#measure()) : {});
    }
  }
}

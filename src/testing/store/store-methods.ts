/** For tests: a store whose methods are partly replaced by another object's. */

import type { Store } from '#store/store.ts';

export function storeMethods(store: Store): Store {
  return {
    newestRevision: () => store.newestRevision(),
    get: (...args) => store.get(...args),
    range: (...args) => store.range(...args),
    commit: (...args) => store.commit(...args),
    watch: (...args) => store.watch(...args),
    compact: (...args) => store.compact(...args),
    stats: () => store.stats(),
    failure: () => store.failure(),
    close: () => store.close(),
  };
}

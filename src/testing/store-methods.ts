/** For tests: a store's methods, some of which another object replaces. */

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

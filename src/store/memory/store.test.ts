import { systemEnv } from '#host/system-env.ts';
import { distantStore } from '#testing/store/distant-store.ts';
import { localStoreSuite, storeSuite } from '#testing/store/store-suite.ts';
import { openMemoryStore } from './store.ts';

localStoreSuite('memory', async () => {
  const store = openMemoryStore(systemEnv());
  return { store, dispose: () => store.close() };
});

// Nothing is promised that a store across a network cannot keep.
storeSuite('memory, a round trip away', async () => {
  const store = openMemoryStore(systemEnv());
  return { store: distantStore(store), dispose: () => store.close() };
});

import { systemEnv } from '#host/system-env.ts';
import { storeSuite } from '#testing/store-suite.ts';
import { openMemoryStore } from './store.ts';

storeSuite('memory', async () => {
  const store = openMemoryStore(systemEnv());
  return { store, dispose: () => store.close() };
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemEnv } from '#host/system-env.ts';
import { localStoreSuite } from '#testing/store/store-suite.ts';
import { openSqliteStore } from './store.ts';

for (const [name, historyHotBytesMax] of [
  ['sqlite', undefined],
  ['sqlite with all history on disk', 0],
] as const) {
  localStoreSuite(name, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kybern-store-'));
    const store = await openSqliteStore({
      path: join(folder, 'store.db'),
      env: systemEnv(),
      historyHotBytesMax,
    });
    return {
      store,
      async dispose() {
        await store.close();
        await rm(folder, { recursive: true });
      },
    };
  });
}

/**
 * The process that store-crash.test.ts kills: writers, a watcher and compactions on one store file.
 *
 * Reports on stdout, one JSON line each, what was acknowledged and what the watcher saw: written
 * synchronously, so everything written before the kill arrives.
 */

import { writeSync } from 'node:fs';
import { systemEnv } from '#host/system-env.ts';
import { openSqliteStore } from '#store/sqlite/store.ts';
import { prefixRange, type Store } from '#store/store.ts';
import { idOf, type Report } from './crash-report.ts';

const writers = 8;
const pairsPerWriter = 5;
const pause = new Int32Array(new SharedArrayBuffer(4));
const [path = '', watchFrom = '', round = ''] = process.argv.slice(2);

const env = systemEnv();
const store = await openSqliteStore({ path, env });

store.watch(prefixRange('/crash/'), Number(watchFrom), {
  onEvents: (events) => {
    const seen = events.map((e) => [e.type, e.revision, e.key, idOf(e.current), idOf(e.previous)] as const);
    tell({ what: 'events', seen });
  },
  onError: (error) => tell({ what: 'watchError', message: error.message }),
});
tell({ what: 'ready', revision: store.newestRevision() });
for (let writer = 0; writer < writers; writer++) void write(store, writer);
for (;;) {
  await new Promise((resolve) => setTimeout(resolve, 40));
  const revision = store.newestRevision() - 400;
  if (revision > store.stats().compactedRevision) await store.compact(revision);
}

function tell(reported: Report): void {
  const line = Buffer.from(`${JSON.stringify(reported)}\n`);
  for (let at = 0; at < line.length; ) {
    try {
      at += writeSync(1, line, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      // The reader is behind; nothing may go on here before it knows.
      Atomics.wait(pause, 0, 0, 1);
    }
  }
}

/** Every transaction writes or deletes both keys of a pair. */
async function write(store: Store, writer: number): Promise<void> {
  for (let i = 0; ; i++) {
    const pair = `/crash/${writer}/${Math.floor(env.random.float() * pairsPerWriter)}`;
    const keys = [`${pair}/left`, `${pair}/right`];
    const id = `${round}-${writer}-${i}`;
    const value = new TextEncoder().encode(`${id}|${'x'.repeat(Math.floor(env.random.float() * 6000))}`);
    const gone = env.random.float() < 0.2;
    const current = await Promise.all(keys.map((key) => store.get(key)));
    const result = await store.commit({
      compare: keys.map((key, side) => ({ key, modRevision: current[side]?.modRevision ?? 0 })),
      ops: keys.map((key) => (gone ? { type: 'delete', key } : { type: 'put', key, value })),
    });
    if (!result.succeeded) throw new Error('no other writer has these keys');
    if (!gone) tell({ what: 'acknowledged', revision: result.revision, keys, id });
  }
}

/** A failed fsync, made by a file system that fails on request. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemEnv } from '#host/system-env.ts';
import { put, Recorder } from '#testing/store/store-suite.ts';
import { prefixRange } from '../store.ts';
import { openSqliteStore } from './store.ts';

const all = prefixRange('/t/');
const workerUrl = new URL('../../testing/store/failing-fsync-worker.ts', import.meta.url);

/**
 * After a failed fsync the contents of the disk are unknown: the kernel may have thrown away what it could
 * not write, and a second fsync would say that all is well.
 */
test('the store – after a failed fsync – acknowledges, shows and writes nothing until a restart', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kybern-fsync-'));
  const path = join(folder, 'store.db');
  try {
    const store = await openSqliteStore({ path, env: systemEnv(), workerUrl });
    const recorder = new Recorder();
    store.watch(all, 2, recorder);
    const { revision } = await put(store, '/t/a', '1', 0);
    assert.equal(store.failure(), undefined);

    writeFileSync(`${path}.broken`, '');
    const doomed = await Promise.allSettled([put(store, '/t/a', '2'), put(store, '/t/b', '1', 0)]);
    assert.deepEqual(
      doomed.map(
        (promiseSettledResult) =>
          promiseSettledResult.status === 'rejected' && String(promiseSettledResult.reason),
      ),
      Array(2).fill('Error: store: disk I/O error'),
    );
    rmSync(`${path}.broken`);
    await assert.rejects(put(store, '/t/c', '1', 0), /disk I\/O error/);

    assert.match(String(store.failure()), /disk I\/O error/);
    assert.equal(store.newestRevision(), revision);
    assert.equal((await store.range(all)).count, 1);
    assert.deepEqual(recorder.lines(), ['put /t/a 1<']);
    await store.close();

    const again = await openSqliteStore({ path, env: systemEnv() });
    assert.equal(again.newestRevision(), revision);
    assert.equal((await again.get('/t/a'))!.version, 1);
    const next = await put(again, '/t/b', '1', 0);
    assert.ok(next.succeeded && next.revision > revision);
    await again.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

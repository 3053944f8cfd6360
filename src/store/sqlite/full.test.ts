/** The sqlite store on a full disk: what it rejects, what still works, and that it reports it. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemEnv } from '#host/system-env.ts';
import { put } from '#testing/store/store-suite.ts';
import { StoreFullError } from '../errors.ts';
import { prefixRange } from '../store.ts';
import { openSqliteStore } from './store.ts';

const all = prefixRange('/t/');
const skip = process.getuid?.() === 0 ? false : 'needs root, to mount a small file system';

/** Runs `body` on a file system of its own. */
async function onDisk(size: string, body: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'kybern-full-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]);
  try {
    await body(folder);
  } finally {
    execFileSync('umount', ['--lazy', folder]);
    rmSync(folder, { recursive: true });
  }
}

test(
  'the store – on a full disk – refuses writes, serves reads, and works again when there is space',
  { skip },
  () =>
    onDisk('4m', async (folder) => {
      const filler = join(folder, 'filler');
      writeFileSync(filler, new Uint8Array(2 * 1024 * 1024));
      const options = { path: join(folder, 'store.db'), env: systemEnv() };
      const store = await openSqliteStore(options);
      let written = 0;
      const fill = async () => {
        for (;;) {
          await Promise.all([0, 1, 2].map((i) => put(store, `/t/${written}-${i}`, 'x'.repeat(3000), 0)));
          written++;
        }
      };
      await assert.rejects(fill(), StoreFullError);
      assert.ok(written > 10);
      const { count, items } = await store.range(all);
      assert.ok(count >= written * 3);
      await assert.rejects(put(store, '/t/0-0', 'x'.repeat(9000)), StoreFullError);
      assert.equal((await store.get('/t/0-0'))!.version, 1);

      rmSync(filler);
      const { revision } = await put(store, '/t/0-0', 'y');
      await store.close();
      const again = await openSqliteStore(options);
      assert.equal(again.newestRevision(), revision);
      assert.deepEqual((await again.range(all, { limit: 1 })).items[0]!.version, 2);
      assert.equal((await again.range(all)).count, items.length);
      await again.close();
    }),
);

test('the store – on a full disk – still deletes, which makes room', { skip }, () =>
  onDisk('40m', async (folder) => {
    const options = {
      path: join(folder, 'store.db'),
      env: systemEnv(),
      reserveBytes: 12 * 1024 * 1024,
    };
    const store = await openSqliteStore(options);
    let written = 0;
    await assert.rejects(async () => {
      for (;;) {
        const keys = [0, 1, 2, 3].map((i) => `/t/${written}-${i}`);
        await Promise.all(keys.map((key) => put(store, key, 'x'.repeat(8000), 0)));
        written++;
      }
    }, StoreFullError);
    assert.ok(existsSync(`${options.path}.reserve`));
    assert.match(String(store.failure()), /no space left/);
    // A marked object, and one removed, in one group with an ordinary write.
    const [ordinary, marked, removed] = await Promise.allSettled([
      put(store, '/t/other', 'x'.repeat(500_000), 0),
      store.commit({
        compare: [],
        ops: [{ type: 'put', key: '/t/0-0', value: new Uint8Array(9000) }],
        forDeletion: true,
      }),
      store.commit({ compare: [], ops: [{ type: 'delete', key: '/t/0-1' }] }),
    ]);
    assert.deepEqual(
      [ordinary.status, marked.status, removed.status],
      ['rejected', 'fulfilled', 'fulfilled'],
    );
    for (let i = 1; i < written; i++) {
      const keys = [0, 1, 2, 3].map((place) => `/t/${i}-${place}`);
      await Promise.all(keys.map((key) => store.commit({ compare: [], ops: [{ type: 'delete', key }] })));
    }
    await store.compact(store.newestRevision());
    await put(store, '/t/other', 'x'.repeat(500_000), 0);
    assert.equal(store.failure(), undefined);
    await store.close();
    const again = await openSqliteStore(options);
    assert.equal((await again.range(all)).count, 4);
    await again.close();
  }),
);

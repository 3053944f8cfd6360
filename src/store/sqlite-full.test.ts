import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemEnv } from '#host/system-env.ts';
import { put } from '#testing/store-suite.ts';
import { openSqliteStore } from './sqlite-store.ts';
import { prefixRange, StoreFullError } from './store.ts';

const all = prefixRange('/t/');
const skip = process.getuid?.() === 0 ? false : 'needs root, to mount a small file system';

test('a full disk refuses writes, serves reads, and works again when there is space', { skip }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kybern-full-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder]);
  try {
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
    assert.equal(again.currentRevision(), revision);
    assert.deepEqual((await again.range(all, { limit: 1 })).items[0]!.version, 2);
    assert.equal((await again.range(all)).count, items.length);
    await again.close();
  } finally {
    execFileSync('umount', ['--lazy', folder]);
    rmSync(folder, { recursive: true });
  }
});

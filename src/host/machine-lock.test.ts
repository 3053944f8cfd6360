import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { withMachineLock } from './machine-lock.ts';

test('work under one lock never overlaps, also after a holder died or failed', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'kybern-lock-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const path = join(dir, 'lock');
  // A process number the kernel never gives, as a crashed holder would leave it.
  writeFileSync(path, JSON.stringify({ pid: 2 ** 22 + 1, startTicks: '1' }));
  let inside = 0;
  const work = () =>
    withMachineLock(path, async () => {
      assert.equal(++inside, 1);
      await new Promise((resolve) => setImmediate(resolve));
      inside--;
    });
  await Promise.all([work(), work(), work()]);
  await assert.rejects(
    withMachineLock(path, () => Promise.reject(new Error('work failed'))),
    /work failed/,
  );
  assert.ok(!existsSync(path));
});

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isMounted, mountTmpfs, unmountUnder } from './mounts.ts';

const skip = process.platform === 'linux' && process.getuid?.() === 0 ? false : 'needs root on Linux';

test('everything below a folder is unmounted, also what lies hidden, also by a link to it', {
  skip,
}, async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'kybern-mounts-'));
  const dir = join(home, 'a b');
  const link = join(home, 'link');
  t.after(() => rmSync(home, { recursive: true }));
  mkdirSync(join(dir, 'deep'), { recursive: true });
  symlinkSync(dir, link);
  await mountTmpfs(join(dir, 'deep'));
  assert.ok(isMounted(join(link, 'deep')));
  await mountTmpfs(join(link, 'deep'));
  await mountTmpfs(dir);
  assert.deepEqual(readdirSync(dir), [], 'the deep mount is hidden');
  await unmountUnder(link);
  assert.ok(!isMounted(dir) && !isMounted(join(dir, 'deep')));
});

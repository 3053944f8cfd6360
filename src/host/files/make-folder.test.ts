import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeFolder } from './make-folder.ts';

test('makeFolder – a folder and its parents – are created, or it throws: it never blocks', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'kybern-folder-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const deep = join(dir, 'a/b');
  makeFolder(deep, 0o700);
  makeFolder(deep, 0o755);
  for (const made of [join(dir, 'a'), deep]) assert.equal(statSync(made).mode & 0o777, 0o700);
  writeFileSync(join(dir, 'file'), '');
  assert.throws(() => makeFolder(join(dir, 'file/in'), 0o700), { code: 'ENOTDIR' });
  if (existsSync('/proc/self')) {
    assert.throws(() => makeFolder('/proc/none/of/it', 0o700), { code: 'ENOENT' });
  }
});

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { secretFolder } from './secret-folder.ts';

test('what is written is read again, and by its owner only', (t) => {
  const parent = mkdtempSync(join(tmpdir(), 'secret-folder-'));
  t.after(() => rmSync(parent, { recursive: true }));
  const path = join(parent, 'pki');
  const folder = secretFolder(path);
  assert.equal(folder.read('ca.key'), undefined);
  folder.write('ca.key', 'one');
  folder.write('ca.key', 'two');
  assert.equal(secretFolder(path).read('ca.key'), 'two');
  assert.equal(statSync(path).mode & 0o777, 0o700);
  assert.equal(statSync(join(path, 'ca.key')).mode & 0o777, 0o600);
});

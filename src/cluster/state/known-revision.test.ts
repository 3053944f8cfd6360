/** The recorded revision of a store: which contents are valid. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemEnv } from '#host/system-env.ts';
import { knownRevision, noteRevisions } from './known-revision.ts';

test('a recorded revision – read again – is the last one; a damaged one counts as none', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kybern-note-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'revision');
  assert.equal(knownRevision(path), 0);
  await noteRevisions(systemEnv(), path, () => 4711)();
  assert.equal(knownRevision(path), 4711);
  const text = readFileSync(path, 'utf8');
  for (const damaged of [
    '',
    '4711',
    '4712 1',
    text.replace('4', '5'),
    text.slice(0, -3),
    '\0'.repeat(20),
    'x y',
  ]) {
    await t.test(JSON.stringify(damaged), () => {
      writeFileSync(path, damaged);
      assert.equal(knownRevision(path), 0);
    });
  }
  // With a valid checksum, and yet beyond the largest revision of a store.
  await noteRevisions(systemEnv(), path, () => 3e12)();
  assert.equal(knownRevision(path), 0);
});

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { programPath } from './program-path.ts';

test('a program – on the PATH, in a folder besides, in none – is found or not', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kybern-program-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'kybern-tool'), '', { mode: 0o755 });
  writeFileSync(join(folder, 'kybern-text'), '', { mode: 0o644 });
  assert.match(programPath('sh') ?? '', /\/sh$/);
  assert.equal(programPath('kybern-tool', [folder]), join(folder, 'kybern-tool'));
  assert.equal(programPath('kybern-tool'), undefined);
  assert.equal(programPath('kybern-text', [folder]), undefined);
});

/** Writes `dist/testing.d.ts`, the types of `kybern/testing`, for the package; they must stand by themselves. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = join(import.meta.dirname, '..');
const out = resolve(process.argv[2] ?? join(root, 'dist'));
const all = mkdtempSync(join(tmpdir(), 'kybern-types-'));
try {
  const flags = ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--outDir', all];
  execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', root, ...flags], { stdio: 'inherit' });
  const text = readFileSync(join(all, 'src/testing/library/testing.d.ts'), 'utf8');
  assert.doesNotMatch(text, /\bfrom '|\bimport\(/, 'kybern/testing names types of code that is not its own');
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, 'testing.d.ts'), text);
} finally {
  rmSync(all, { recursive: true });
}

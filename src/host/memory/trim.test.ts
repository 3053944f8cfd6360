import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

/**
 * Frees buffers of 60 kB below small ones that stay, as after many streams. Prints the resident memory before
 * and after.
 */
const script = `
import { collectGarbage } from './collect-garbage.ts';
import { trimMemory } from './trim.ts';
const before = process.memoryUsage.rss();
const kept = [];
let freed = [];
for (let i = 0; i < 3000; i++) {
  freed.push(Buffer.allocUnsafeSlow(60_000).fill(1));
  if (i % 10 === 0) kept.push(Buffer.allocUnsafeSlow(3000).fill(1));
}
freed = undefined;
collectGarbage();
// Buffers are freed on another thread.
for (let left = Infinity; left > 10e6; left = process.memoryUsage().arrayBuffers) await new Promise(setImmediate);
const held = process.memoryUsage.rss() - before;
trimMemory();
console.log(JSON.stringify({ held, left: process.memoryUsage.rss() - before, kept: kept.length }));
`;

const { glibcVersionRuntime } = (process.report.getReport() as { header: { glibcVersionRuntime?: string } })
  .header;
const skip =
  process.getBuiltinModule('node:ffi') && glibcVersionRuntime ? false : 'needs glibc and a Node with FFI';

test('trim memory – freed buffers below small live ones – are returned to the machine', { skip }, () => {
  const flags = ['--disable-warning=ExperimentalWarning', '--input-type=module-typescript', '-e', script];
  const out = execFileSync(process.execPath, flags, { cwd: import.meta.dirname, encoding: 'utf8' });
  const { held, left } = JSON.parse(out) as { held: number; left: number };
  assert.ok(left < held / 2, out);
});

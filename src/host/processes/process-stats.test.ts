import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { test } from 'node:test';
import { type ProcessStats, processStats } from './process-stats.ts';
import { hasProc } from './processes.ts';

function numbersOf(stats: ProcessStats): ProcessStats {
  const { openFiles, openFilesMax, virtualBytes, virtualBytesMax, receivedBytes, sentBytes } = stats;
  return { openFiles, openFilesMax, virtualBytes, virtualBytesMax, receivedBytes, sentBytes };
}

test('the stats of the process – a file is opened – count it, and stay within their limits', {
  skip: !hasProc && 'there is no /proc',
}, () => {
  const stats = processStats()!;
  const before = numbersOf(stats);
  const files = Array.from({ length: 5 }, () => openSync('/dev/null', 'r'));
  const after = numbersOf(stats);
  for (const file of files) closeSync(file);
  assert.equal(after.openFiles - before.openFiles, 5);
  assert.ok(after.openFiles < after.openFilesMax);
  assert.ok(after.virtualBytes > process.memoryUsage.rss());
  assert.ok(after.virtualBytes < after.virtualBytesMax);
  assert.ok(after.receivedBytes >= before.receivedBytes && Number.isInteger(after.sentBytes));
});

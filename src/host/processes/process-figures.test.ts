import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { test } from 'node:test';
import { type ProcessFigures, processFigures } from './process-figures.ts';
import { hasProc } from './processes.ts';

function numbersOf(figures: ProcessFigures): ProcessFigures {
  const { openFiles, openFilesMax, virtualBytes, virtualBytesMax, receivedBytes, sentBytes } = figures;
  return { openFiles, openFilesMax, virtualBytes, virtualBytesMax, receivedBytes, sentBytes };
}

test('the figures of the process – a file is opened – count it, and stay within their limits', {
  skip: !hasProc && 'there is no /proc',
}, () => {
  const figures = processFigures()!;
  const before = numbersOf(figures);
  const files = Array.from({ length: 5 }, () => openSync('/dev/null', 'r'));
  const after = numbersOf(figures);
  for (const file of files) closeSync(file);
  assert.equal(after.openFiles - before.openFiles, 5);
  assert.ok(after.openFiles < after.openFilesMax);
  assert.ok(after.virtualBytes > process.memoryUsage.rss());
  assert.ok(after.virtualBytes < after.virtualBytesMax);
  assert.ok(after.receivedBytes >= before.receivedBytes && Number.isInteger(after.sentBytes));
});

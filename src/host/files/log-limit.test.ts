import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { systemEnv } from '../system-env.ts';
import { isOwnOutput, keepLogLimited, limitLog, logFiles } from './log-limit.ts';

const limit = { fileBytesMax: 10, filesMax: 3 };

test('a log – grown beyond the limit – is rotated, the oldest is removed, and files are listed oldest first', (t) => {
  const path = logIn(t);
  for (const line of ['first 0123\n', 'second 012\n', 'third 0123\n', 'short\n']) {
    appendFileSync(path, line, { mode: 0o600 });
    limitLog(path, limit);
  }
  assert.deepEqual(
    logFiles(path, limit).map((file) => readFileSync(file, 'utf8')),
    ['second 012\n', 'third 0123\n', 'short\n'],
  );
  assert.equal(readdirSync(join(path, '..')).length, 3);
  assert.equal(statSync(`${path}.1`).mode & 0o777, 0o600);
});

test('a log – watched – is checked at once and periodically, until stopped', async (t) => {
  const path = logIn(t);
  const clock = new VirtualClock();
  appendFileSync(path, 'at the start\n');
  const stop = keepLogLimited({ ...systemEnv(), clock }, path, limit);
  assert.equal(readFileSync(path, 'utf8'), '');
  appendFileSync(path, 'while it runs\n');
  await clock.advance(5_000);
  assert.equal(readFileSync(`${path}.1`, 'utf8'), 'while it runs\n');
  stop();
  appendFileSync(path, 'afterwards\n');
  await clock.advance(60_000);
  assert.equal(readFileSync(path, 'utf8'), 'afterwards\n');
});

test('a log – that this process prints into – is its own, others are not', (t) => {
  const path = logIn(t);
  assert.equal(isOwnOutput(path), false);
  appendFileSync(path, '');
  assert.equal(isOwnOutput(path), false);
  assert.equal(isOwnOutput('/proc/self/fd/1'), true);
});

function logIn(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'kybern-log-'));
  t.after(() => rmSync(dir, { recursive: true }));
  return join(dir, 'kybern.log');
}

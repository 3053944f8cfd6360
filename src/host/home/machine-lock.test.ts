import assert from 'node:assert/strict';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { identityOf } from '../processes/processes.ts';
import { releaseDeadLock, withMachineLock } from './machine-lock.ts';

/** A process number that the kernel never assigns, as of a crashed holder. */
const deadHolder = JSON.stringify({ pid: 2 ** 22 + 1, startTicks: '1' });

function lockPath(t: TestContext): string {
  const dir = fs.mkdtempSync(join(tmpdir(), 'kybern-lock-'));
  t.after(() => fs.rmSync(dir, { recursive: true }));
  return join(dir, 'lock');
}

/** Calls `then` after every call of the file system's `name`, with its first argument. */
function afterEach(
  t: TestContext,
  name: 'readFileSync' | 'renameSync' | 'rmSync',
  then: (path: string) => void,
) {
  const real = fs[name] as (...args: unknown[]) => unknown;
  t.mock.method(fs, name, (...args: unknown[]) => {
    const result = real(...args);
    then(String(args[0]));
    return result;
  });
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
}

test('machine lock – several processes, dead and failing holders – work never overlaps', async (t) => {
  const path = lockPath(t);
  fs.writeFileSync(path, deadHolder);
  let inside = 0;
  const work = () =>
    withMachineLock(path, async () => {
      assert.equal(++inside, 1);
      await new Promise((resolve) => setImmediate(resolve));
      inside--;
    });
  await Promise.all([work(), work(), work()]);
  await assert.rejects(
    withMachineLock(path, () => Promise.reject(new Error('work failed'))),
    /work failed/,
  );
  assert.deepEqual(fs.readdirSync(join(path, '..')), []);
});

test('machine lock – a slow waiter that saw a dead holder – does not remove the lock of the next holder', (t) => {
  const path = lockPath(t);
  const living = JSON.stringify(identityOf(process.ppid));
  fs.writeFileSync(path, deadHolder);
  let taken = false;
  afterEach(t, 'readFileSync', (read) => {
    if (read !== path || taken) return;
    taken = true;
    fs.writeFileSync(path, living);
  });
  const free: string[] = [];
  for (const name of ['renameSync', 'rmSync'] as const) {
    afterEach(t, name, () => fs.existsSync(path) || free.push(name));
  }
  releaseDeadLock(path);
  assert.ok(taken);
  assert.deepEqual(free, [], 'not for a moment is it free');
  assert.equal(fs.readFileSync(path, 'utf8'), living);
});

test('machine lock – a waiter died while it removed a dead lock – others can still take the lock', async (t) => {
  const path = lockPath(t);
  fs.writeFileSync(path, deadHolder);
  fs.writeFileSync(`${path}.${2 ** 22 + 1}-1`, JSON.stringify({ pid: 2 ** 22 + 2, startTicks: '1' }));
  assert.equal(await withMachineLock(path, async () => 'done'), 'done');
  assert.deepEqual(fs.readdirSync(join(path, '..')), []);
});

/** The share of the processors of this process, and of those that it starts. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { getPriority, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { endProcess, spawnDetached } from './processes.ts';

const autogroup = '/proc/self/autogroup';
const isRoot = process.getuid?.() === 0;
const weighsSessions =
  existsSync(autogroup) && readFileSync('/proc/sys/kernel/sched_autogroup_enabled', 'utf8').trim() === '1';
const needsRoot = { skip: isRoot ? false : 'needs root' };
const needsAutogroup = { skip: isRoot && weighsSessions ? false : 'needs root and autogroup' };

/** The nice value of the session of a process that has asked for a larger share. */
async function niceOfSession(...before: string[]): Promise<string> {
  const script = `import { raiseOwnSession } from ${JSON.stringify(new URL('./priority.ts', import.meta.url).href)};
    import { readFileSync } from 'node:fs';
    raiseOwnSession();
    process.stdout.write(readFileSync('${autogroup}', 'utf8'));`;
  const [command = '', ...args] = [...before, process.execPath, '--input-type=module', '-e', script];
  const { stdout } = await promisify(execFile)(command, args);
  return niceOf(stdout);
}

const niceOf = (line: string) => line.replace(/^\/autogroup-\d+ /, '').trim();

test(
  'a process – with a session of its own – has more of the processors than others',
  needsAutogroup,
  async () => {
    assert.equal(await niceOfSession('setsid', '--wait'), 'nice -10');
  },
);

test('a process – in the session of another – leaves its share as it is', needsAutogroup, async () => {
  assert.equal(await niceOfSession(), niceOf(readFileSync(autogroup, 'utf8')));
});

test('a detached program – of a process with a higher priority – has the usual one', needsRoot, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'priority-'));
  const usual = getPriority();
  t.after(() => {
    setPriority(usual);
    rmSync(folder, { recursive: true });
  });
  setPriority(-5);
  const files = { logFile: join(folder, 'log'), pidFile: join(folder, 'pid') };
  const program = await spawnDetached({ command: 'sleep', args: ['600'], ...files });
  t.after(() => endProcess(program, 1000));
  assert.equal(getPriority(program.pid), 0);
  assert.equal(getPriority(), -5);
});

test(
  'the main thread – raised – goes before other threads, and a program that it starts is as usual',
  needsRoot,
  async () => {
    const script = `import { raiseMainThread } from ${JSON.stringify(new URL('./priority.ts', import.meta.url).href)};
    import { runProgram } from ${JSON.stringify(new URL('./run-program.ts', import.meta.url).href)};
    import { readdirSync } from 'node:fs';
    import { getPriority } from 'node:os';
    const before = getPriority();
    raiseMainThread();
    const others = readdirSync('/proc/self/task').map(Number).filter((thread) => thread !== process.pid);
    const threads = new Set(others.map((thread) => getPriority(thread)));
    const { stdout } = await runProgram('nice', []);
    console.log(JSON.stringify([before - getPriority(), [...threads].map((nice) => nice - before), Number(stdout)]));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
    assert.deepEqual(JSON.parse(stdout), [10, [0], 0]);
  },
);

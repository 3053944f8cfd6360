/** Programs started by a process of their own. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProgramStarts } from './command.ts';
import { Launcher } from './launcher.ts';

const parentOf = async (started: Promise<{ stdout: string }>) => Number((await started).stdout);
const printParent = ['-c', 'echo $PPID'];

test('a launcher – input, folder, environment and exit code – are those of a program started directly', async () => {
  const script = 'cat; pwd; echo $GREETING; echo problem >&2; exit 3';
  const options = { input: 'in\n', cwd: '/', env: { GREETING: 'hello' } };
  assert.deepEqual(await new Launcher().run('/bin/sh', ['-c', script], options), {
    code: 3,
    stdout: 'in\n/\nhello\n',
    stderr: 'problem\n',
  });
});

test('a launcher – with the variables of another channel in the environment – reports all the same', async (t) => {
  process.env['NODE_CHANNEL_SERIALIZATION_MODE'] = 'json';
  t.after(() => delete process.env['NODE_CHANNEL_SERIALIZATION_MODE']);
  assert.equal((await new Launcher().run('true', [], { timeoutMs: 5000 })).code, 0);
});

test('a launcher – a program that there is not, or that takes too long – rejects with its code, is killed', async () => {
  const launcher = new Launcher();
  await assert.rejects(launcher.run('/no/such/program', [], {}), { code: 'ENOENT' });
  assert.equal((await launcher.run('sleep', ['600'], { timeoutMs: 20 })).code, 137);
});

test('a launcher – whose process is killed – rejects what it had to do, and starts another process', async () => {
  const launcher = new Launcher();
  const first = await parentOf(launcher.run('/bin/sh', printParent, {}));
  const waiting = launcher.run('sleep', ['600'], { timeoutMs: 60_000 });
  process.kill(first, 'SIGKILL');
  await assert.rejects(waiting, { message: 'the process that starts programs has ended' });
  assert.notEqual(await parentOf(launcher.run('/bin/sh', printParent, {})), first);
});

test('commands – one, then a hundred at the same time – are started by this process, then most by another process', async () => {
  const starts = new ProgramStarts();
  const command = () => parentOf(starts.run('/bin/sh', printParent));
  assert.equal(await command(), process.pid);
  const parents = await Promise.all(Array.from({ length: 100 }, command));
  const elsewhere = parents.filter((pid) => pid !== process.pid);
  assert.ok(elsewhere.length > 80, `${elsewhere.length} were started elsewhere`);
  assert.equal(new Set(elsewhere).size, 1);
});

test('commands – one at a time – are started by another process once a start has held the thread', async (t) => {
  const starts = new ProgramStarts();
  const command = () => parentOf(starts.run('/bin/sh', printParent));
  let nowMs = performance.now() + 3_600_000;
  t.mock.method(performance, 'now', () => {
    nowMs += 20;
    return nowMs;
  });
  assert.equal(await command(), process.pid);
  assert.notEqual(await command(), process.pid);
});

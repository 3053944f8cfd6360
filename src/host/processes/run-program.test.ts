import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { runProgram } from './run-program.ts';

const shell = (script: string, options = {}) => runProgram('/bin/sh', ['-c', script], options);

test('a program – that writes without end – is killed at its bound', async () => {
  for (const script of ['yes', 'yes >&2']) {
    const { code, stdout, stderr } = await shell(script, { outputBytesMax: 1_000_000 });
    assert.equal(code, 137);
    assert.match(stderr, /it was killed: it wrote more than 1000000 bytes$/);
    assert.ok(stdout.length + stderr.length <= 1_100_000);
  }
});

test('a program – whose output is read as it comes – may write more than the bound', async () => {
  let bytes = 0;
  const onStdout = (chunk: Buffer) => {
    bytes += chunk.length;
  };
  const options = { outputBytesMax: 1000, onStdout };
  assert.equal((await shell('yes | head -c 100000', options)).code, 0);
  assert.equal(bytes, 100_000);
});

test('a program – that ends and leaves a child with its output – is not waited for until the child ends', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const dir = mkdtempSync(`${tmpdir()}/kybern-program-`);
  t.after(() => rmSync(dir, { recursive: true }));
  const left = shell(`sleep 600 & echo $! >${dir}/pid`, { timeoutMs: 2_000_000_000 });
  let result: Awaited<typeof left> | undefined;
  void left.then((ended) => {
    result = ended;
  });
  while (!result) {
    t.mock.timers.tick(10_000);
    await new Promise(setImmediate);
  }
  assert.equal(result.code, 0);
  const pid = Number(readFileSync(`${dir}/pid`, 'utf8'));
  assert.ok(pid > 1);
  process.kill(pid, 'SIGKILL');
});

test('a program – that takes too long – is killed with the programs that it has started', async (t) => {
  const dir = mkdtempSync(`${tmpdir()}/kybern-program-`);
  t.after(() => rmSync(dir, { recursive: true }));
  const script = `sleep 600 & echo $! >${dir}/pid; wait`;
  const { code } = await shell(script, { timeoutMs: 300 });
  assert.equal(code, 137);
  const pid = readFileSync(`${dir}/pid`, 'utf8').trim();
  // Ended when it is gone, or not waited for yet by the process that has adopted it.
  const hasEnded = () => {
    try {
      return readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[2] === 'Z';
    } catch {
      return true;
    }
  };
  while (!hasEnded()) await new Promise(setImmediate);
});

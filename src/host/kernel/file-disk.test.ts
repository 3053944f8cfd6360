/** File systems in files, on loop devices of this machine. */

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { type TestContext, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { fileDisk } from './file-disk.ts';

const mebibyte = 2 ** 20;
const isRoot = process.getuid?.() === 0;
const options = { skip: isRoot ? false : 'needs root' };

async function open(t: TestContext) {
  const dir = mkdtempSync(`${tmpdir()}/file-disk-`);
  const [file, target] = [`${dir}/disk`, `${dir}/mount`];
  t.after(() => {
    execFileSync('sh', ['-c', `umount ${target} 2>/dev/null || true`]);
    rmSync(dir, { recursive: true, force: true });
  });
  const disk = fileDisk(file, target);
  await disk.create(64 * mebibyte);
  return { disk, file, target };
}

test('a file system – that grows – is larger, keeps its files, and has no mark', options, async (t) => {
  const { disk, file, target } = await open(t);
  writeFileSync(`${target}/kept`, 'content');
  await disk.grow(128 * mebibyte);
  const blocks = Number(execFileSync('stat', ['-f', '-c', '%b', target]).toString());
  assert.ok(blocks * 4096 > 100 * mebibyte);
  assert.equal(readFileSync(`${target}/kept`, 'utf8'), 'content');
  assert.equal(existsSync(`${file}.growing`), false);
});

test(
  'a file system – whose growth was killed, at different times – is whole when it is mounted again',
  options,
  async (t) => {
    const { disk, file, target } = await open(t);
    const content = 'x'.repeat(8 * mebibyte);
    writeFileSync(`${target}/kept`, content);
    for (const [index, delayMs] of [0, 1, 2, 4, 8, 16].entries()) {
      execFileSync('umount', [target]);
      writeFileSync(`${file}.growing`, '');
      execFileSync('truncate', ['-s', `${(index + 2) * 100}M`, file]);
      execFileSync('e2fsck', ['-f', '-p', file]);
      const growth = spawn('resize2fs', [file], { stdio: 'ignore' });
      await wait(delayMs);
      growth.kill('SIGKILL');
      if (growth.exitCode === null && growth.signalCode === null) await once(growth, 'exit');
      await disk.mount();
      assert.equal(readFileSync(`${target}/kept`, 'utf8') === content, true, `killed after ${delayMs} ms`);
      assert.equal(existsSync(`${file}.growing`), false);
    }
  },
);

test(
  'a file system – still growing by a program of an earlier process – is mounted when that has ended',
  options,
  async (t) => {
    const { disk, file, target } = await open(t);
    execFileSync('umount', [target]);
    writeFileSync(`${file}.growing`, '');
    const growing = spawn('flock', [`${file}.growing`, 'sh', '-c', 'echo begun; sleep 0.5; echo ended'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const output: string[] = [];
    growing.stdout.on('data', (data) => output.push(String(data)));
    await once(growing.stdout, 'data');
    await disk.mount();
    assert.match(output.join(''), /ended/);
  },
);

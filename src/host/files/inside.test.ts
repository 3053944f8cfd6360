import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { openedPath, openInside, readInside } from './inside.ts';

const skip = process.platform === 'linux' ? false : 'needs Linux';
const rounds = 2000;

/** Continuously replaces a directory by a link out of the volume, and back. */
const swapper = `
const { renameSync, rmSync } = require('node:fs');
const { workerData: dir, parentPort } = require('node:worker_threads');
let stop = false;
const name = (child) => dir + "/" + child;
const move = (from, to) => {
  for (;;) {
    try {
      return renameSync(name(from), name(to));
    } catch {
      // In the way: what the other thread made in a moment in which it was missing.
    }
    try {
      rmSync(name(to), { recursive: true, force: true });
    } catch {
      // Being filled just now: the next try removes it.
    }
  }
};
const swap = () => {
  for (let count = 0; count < 100; count++) {
    move('place', 'directory');
    move('link', 'place');
    move('place', 'link');
    move('directory', 'place');
  }
  if (!stop) setImmediate(swap);
  else parentPort.close();
};
parentPort.on('message', () => { stop = true; });
parentPort.postMessage('begun');
swap();
`;

test('openInside – a directory is swapped for a link at any moment – never leads out', {
  skip,
}, async (t) => {
  const dir = realpathSync(mkdtempSync(`${tmpdir()}/kybern-inside-`));
  t.after(() => rmSync(dir, { recursive: true }));
  for (const name of ['volume/place', 'outside']) mkdirSync(`${dir}/${name}`, { recursive: true });
  symlinkSync(`${dir}/outside`, `${dir}/volume/link`);
  const worker = new Worker(swapper, { eval: true, workerData: `${dir}/volume` });
  const over = new Promise((resolve) => worker.once('exit', resolve));
  await new Promise((resolve) => worker.once('message', resolve));
  let opened = 0;
  for (let round = 0; round < rounds; round++) {
    const found = await openInside(`${dir}/volume`, `place/made-${round}`).catch(() => undefined);
    if (!found) continue;
    opened++;
    assert.ok(readlinkSync(openedPath(found)).startsWith(`${dir}/volume/`));
    await found.close();
  }
  worker.postMessage('stop');
  await over;
  assert.deepEqual(readdirSync(`${dir}/outside`), []);
  assert.ok(opened > 0);
});

test('readInside – a file inside, outside, not a file – is read up to the limit, is not read', {
  skip,
}, async (t) => {
  const dir = realpathSync(mkdtempSync(`${tmpdir()}/kybern-inside-`));
  t.after(() => rmSync(dir, { recursive: true }));
  mkdirSync(`${dir}/volume/sub`, { recursive: true });
  writeFileSync(`${dir}/volume/sub/file`, '0123456789');
  writeFileSync(`${dir}/secret`, 'secret');
  symlinkSync('sub/file', `${dir}/volume/within`);
  symlinkSync('../secret', `${dir}/volume/out`);
  const text = async (path: string) => (await readInside(`${dir}/volume`, path, 4)).toString();
  assert.equal(await text('sub/file'), '0123');
  assert.equal(await text('within'), '0123');
  for (const path of ['out', '../secret', 'sub/../../secret', 'sub', 'missing']) {
    await t.test(path, async () => {
      await assert.rejects(text(path), Error, path);
    });
  }
});

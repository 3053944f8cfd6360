import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { removeAll } from './remove-all.ts';

/** Of a few components, each with the longest name. */
const long = (part: number) => `${part}/${`${'n'.repeat(255)}/`.repeat(10)}`;

test('a folder – with paths longer than the kernel takes – is removed', async (t) => {
  const dir = mkdtempSync(`${tmpdir()}/kybern-files-`);
  t.after(() => rmSync(dir, { recursive: true }));
  mkdirSync(`${dir}/tree`);
  for (const part of [1, 2]) mkdirSync(`${dir}/tree/${long(part)}`, { recursive: true });
  writeFileSync(`${dir}/tree/${long(2)}file`, '');
  renameSync(`${dir}/tree/2`, `${dir}/tree/${long(1)}2`);
  await removeAll(`${dir}/tree`);
  assert.equal(existsSync(`${dir}/tree`), false);
});

test('a folder – with names that are not UTF-8 – is removed; one that there is not is no error', async (t) => {
  const dir = mkdtempSync(`${tmpdir()}/kybern-files-`);
  t.after(() => rmSync(dir, { recursive: true }));
  mkdirSync(`${dir}/tree`);
  writeFileSync(Buffer.concat([Buffer.from(`${dir}/tree/`), Buffer.from([0xff])]), '');
  await removeAll(`${dir}/tree`);
  await removeAll(`${dir}/tree`);
  assert.equal(existsSync(`${dir}/tree`), false);
});

test('a folder – with more files than are removed here, and a link to another – is removed, the other stays', async (t) => {
  const dir = mkdtempSync(`${tmpdir()}/kybern-files-`);
  t.after(() => rmSync(dir, { recursive: true }));
  mkdirSync(`${dir}/other`);
  mkdirSync(`${dir}/tree/deep/deeper`, { recursive: true });
  symlinkSync(`${dir}/other`, `${dir}/tree/deep/link`);
  for (let index = 0; index < 1500; index++) writeFileSync(`${dir}/tree/deep/deeper/${index}`, '');
  await removeAll(`${dir}/tree`);
  assert.deepEqual(readdirSync(dir), ['other']);
});

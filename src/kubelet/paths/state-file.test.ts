import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { type TestContext, test } from 'node:test';
import type { Log } from '#base/log.ts';
import { StateFile } from './state-file.ts';

function setUp(t: TestContext, folder = '') {
  const dir = mkdtempSync(`${tmpdir()}/kybern-state-`);
  t.after(() => rmSync(dir, { recursive: true }));
  const warnings: string[] = [];
  const log = { warn: (text: string) => warnings.push(text) } as unknown as Log;
  const file = new StateFile(log, `${dir}${folder}/some_manager_state`);
  return { dir, file, warnings };
}

test('a state – saved – is read again; before it there is none', async (t) => {
  const { file } = setUp(t);
  assert.equal(await file.read(), '');
  file.save(() => '{"a":1}');
  await file.saved();
  assert.equal(await file.read(), '{"a":1}');
});

test('states – saved while one is written – are written once, with the newest of them', async (t) => {
  const { file } = setUp(t);
  const made: number[] = [];
  const save = (count: number) =>
    file.save(() => {
      made.push(count);
      return String(count);
    });
  for (let count = 1; count <= 20; count++) save(count);
  await file.saved();
  assert.deepEqual([made, readFileSync(file.path, 'utf8')], [[20], '20']);
  save(21);
  await Promise.all([file.saved(), file.saved()]);
  assert.deepEqual([made, readFileSync(file.path, 'utf8')], [[20, 21], '21']);
});

test('a state – that could not be written – is logged, and written when the disk takes it again', async (t) => {
  const { dir, file, warnings } = setUp(t, '/missing');
  file.save(() => 'state');
  await assert.rejects(file.saved(), /ENOENT/);
  assert.deepEqual(warnings, ['a state file could not be written', 'a state file could not be written']);
  await mkdir(`${dir}/missing`);
  await file.saved();
  assert.equal(readFileSync(file.path, 'utf8'), 'state');
});

test('a state – larger than can be read again – is not written, and the last one stays', async (t) => {
  const { file, warnings } = setUp(t);
  file.save(() => 'small');
  await file.saved();
  file.save(() => 'x'.repeat(64 * 1024 * 1024 + 1));
  await assert.rejects(file.saved(), { message: 'the state has 67108865 bytes, more than 67108864' });
  assert.equal(await file.read(), 'small');
  assert.ok(warnings.length > 0);
});

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { type TestContext, test } from 'node:test';
import { newRecord } from './pull-access.ts';
import { PullRecords } from './pull-records.ts';

const record = newRecord('sha256:1', '2026-01-01T00:00:00Z');

function folder(t: TestContext): string {
  const dir = mkdtempSync(`${tmpdir()}/kybern-pulls-`);
  t.after(() => rmSync(dir, { recursive: true }));
  return dir;
}

async function loaded(dir: string): Promise<PullRecords> {
  const records = new PullRecords(dir);
  await records.load();
  return records;
}

test('records – of a later kubelet – are those that the earlier one has written, in upstream’s folders', async (t) => {
  const dir = folder(t);
  await (await loaded(dir)).put(record);
  assert.deepEqual((await loaded(dir)).get('sha256:1'), record);
  assert.match(readdirSync(`${dir}/pulled`).join(), /^sha256-[0-9a-f]{64}$/);
});

test('a pull – cut off by the end of the kubelet – counts as begun until one of this image has ended', async (t) => {
  const dir = folder(t);
  await (await loaded(dir)).begin('web:1');
  const later = await loaded(dir);
  assert.equal(later.isPulling('web:1'), true);
  await later.begin('web:1');
  await later.end('web:1');
  assert.deepEqual([later.isPulling('web:1'), readdirSync(`${dir}/pulling`)], [false, []]);
});

test('two pulls of an image – the first ends – are still begun', async (t) => {
  const records = await loaded(folder(t));
  await Promise.all([records.begin('web:1'), records.begin('web:1')]);
  await records.end('web:1');
  assert.equal(records.isPulling('web:1'), true);
});

test('records – of images that are gone – are removed', async (t) => {
  const dir = folder(t);
  const records = await loaded(dir);
  await records.put(record);
  await records.put({ ...record, imageRef: 'sha256:2' });
  await records.prune(new Set(['sha256:2']));
  assert.equal(records.get('sha256:1'), undefined);
  const later = await loaded(dir);
  assert.deepEqual([later.get('sha256:1'), later.get('sha256:2')?.imageRef], [undefined, 'sha256:2']);
});

for (const text of [
  '',
  '{',
  'null',
  '[]',
  '{"imageRef":5,"credentialMapping":{}}',
  '{"imageRef":"sha256:1"}',
]) {
  test(`records – a file that says ${JSON.stringify(text)} – is passed over`, async (t) => {
    const dir = folder(t);
    await loaded(dir);
    writeFileSync(`${dir}/pulled/sha256-0`, text);
    writeFileSync(`${dir}/pulling/sha256-0`, text);
    assert.equal((await loaded(dir)).get('sha256:1'), undefined);
  });
}

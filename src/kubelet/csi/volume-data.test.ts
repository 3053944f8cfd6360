import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { findStages, loadVolumeData, removeTarget, saveVolumeData } from './volume-data.ts';

const data = { driverName: 'd', volumeHandle: 'h' };

function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'kybern-data-'));
  t.after(() => rmSync(dir, { recursive: true }));
  return dir;
}

test('data of a volume – saved – is whole in its file, and none where there is none', async (t) => {
  const dir = folder(t);
  assert.equal(await loadVolumeData(dir), undefined);
  await saveVolumeData(dir, data);
  assert.deepEqual([readdirSync(dir), await loadVolumeData(dir)], [['vol_data.json'], data]);
});

test('data of a volume – an empty file – is none; one that is no JSON is an error', async (t) => {
  const dir = folder(t);
  writeFileSync(`${dir}/vol_data.json`, '');
  assert.equal(await loadVolumeData(dir), undefined);
  writeFileSync(`${dir}/vol_data.json`, '{');
  await assert.rejects(loadVolumeData(dir), /failed to parse volume data file \[.*vol_data\.json\]/);
});

test('a target – removed after a crash that left its data half written – leaves nothing', async (t) => {
  const dir = join(folder(t), 'v');
  mkdirSync(`${dir}/mount`, { recursive: true });
  writeFileSync(`${dir}/vol_data.json.new`, '{');
  await removeTarget(dir, `${dir}/mount`);
  await removeTarget(dir, `${dir}/mount`);
  assert.deepEqual(readdirSync(join(dir, '..')), []);
});

test('data that is read while it is removed – is there or not, and never half', async (t) => {
  const dir = join(folder(t), 'v');
  for (let round = 0; round < 50; round++) {
    mkdirSync(dir, { recursive: true });
    await saveVolumeData(dir, data);
    const [read] = await Promise.all([loadVolumeData(dir), removeTarget(dir, `${dir}/mount`)]);
    assert.ok(read === undefined || read.volumeHandle === 'h');
  }
});

test('stages – with data and without – are those with data', async (t) => {
  const pluginsDir = folder(t);
  const stages = `${pluginsDir}/kubernetes.io/csi/d`;
  for (const sha of ['a', 'b']) mkdirSync(`${stages}/${sha}`, { recursive: true });
  await saveVolumeData(`${stages}/a`, data);
  assert.deepEqual(await findStages({ pluginsDir }), ['d/a']);
});

import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { silentLog } from '#base/log.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { systemEnv } from '../system-env.ts';
import { followParsedFile, followUserFile } from './user-file.ts';

test('a followed file – written, exchanged, taken away and given back – is read after each change', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'followed-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'file');
  const clock = new VirtualClock();
  const seen: string[] = [];
  writeFileSync(path, 'a');
  const followed = followUserFile(clock, path, (text) => seen.push(text));
  assert.equal(followed.text, 'a');
  const look = () => clock.advance(2000);
  await look();
  writeFileSync(path, 'bb');
  await look();
  await look();
  writeFileSync(join(folder, 'new'), 'cc');
  renameSync(join(folder, 'new'), path);
  await look();
  rmSync(path);
  await look();
  // A link to itself can be looked at no more than what is not there.
  symlinkSync(path, path);
  await look();
  rmSync(path);
  writeFileSync(path, 'cc');
  await look();
  writeFileSync(path, 'd');
  await look();
  followed.stop();
  writeFileSync(path, 'eee');
  await look();
  assert.deepEqual(seen, ['bb', 'cc', 'd']);
});

test('a followed file that is parsed – changed to what is refused, and to what is not – keeps the last good value', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'followed-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'file');
  const clock = new VirtualClock();
  const env = { ...systemEnv(), clock, log: silentLog };
  let changes = 0;
  const follow = () => followParsedFile(env, path, 'a number', numberIn, () => changes++);
  writeFileSync(path, 'none');
  assert.throws(follow, { message: `${path}: not a number: none` });
  writeFileSync(path, '1');
  const followed = follow();
  t.after(() => followed.stop());
  const seen: number[] = [followed.current];
  for (const text of ['none at all', '22']) {
    writeFileSync(path, text);
    await clock.advance(2000);
    seen.push(followed.current);
  }
  assert.deepEqual([seen, changes], [[1, 1, 22], 1]);
});

function numberIn(text: string): number {
  if (Number.isNaN(Number(text))) throw new Error(`not a number: ${text}`);
  return Number(text);
}

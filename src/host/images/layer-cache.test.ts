import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { type TestContext, test } from 'node:test';
import { LayerCache } from './layer-cache.ts';
import { layerOf } from './oci-image.ts';

const keyOf = (text: string) => createHash('sha256').update(text).digest('hex');
const layer = (text: string) => layerOf(Buffer.from(text));

function setUp(t: TestContext, bytesMax?: number) {
  const dir = mkdtempSync(`${tmpdir()}/kybern-cache-`);
  t.after(() => rmSync(dir, { recursive: true }));
  return { dir, cache: new LayerCache(`${dir}/layers`, bytesMax), files: () => readdirSync(`${dir}/layers`) };
}

test('a layer – kept – is there for its step alone, also for the next build', async (t) => {
  const { dir, cache } = setUp(t);
  assert.equal(await cache.get(keyOf('a')), undefined);
  await cache.put(keyOf('a'), layer('x'));
  assert.deepEqual(await new LayerCache(`${dir}/layers`).get(keyOf('a')), layer('x'));
  assert.equal(await cache.get(keyOf('b')), undefined);
});

test('a layer – whose file was changed – is not used, and removed', async (t) => {
  const { dir, cache, files } = setUp(t);
  await cache.put(keyOf('a'), layer('x'));
  writeFileSync(`${dir}/layers/${files()[0]}`, 'y');
  assert.equal(await cache.get(keyOf('a')), undefined);
  assert.deepEqual(files(), []);
});

test('layers – of more bytes than are kept – are removed, those unused for the longest time first', async (t) => {
  const { dir, cache, files } = setUp(t, 10);
  await cache.put(keyOf('a'), layer('aaaa'));
  await cache.put(keyOf('b'), layer('bbbb'));
  for (const name of files()) utimesSync(`${dir}/layers/${name}`, 1, name.startsWith(keyOf('a')) ? 1 : 2);
  await cache.get(keyOf('a'));
  await cache.put(keyOf('c'), layer('cccc'));
  assert.deepEqual([await cache.get(keyOf('b')), (await cache.get(keyOf('a')))?.size], [undefined, 4]);
  await cache.put(keyOf('d'), layer('more than ten bytes'));
  assert.equal(await cache.get(keyOf('d')), undefined);
  assert.equal(files().length, 2);
});

test('a layer – that cannot be kept – is no failure', async (t) => {
  const { dir } = setUp(t);
  writeFileSync(`${dir}/layers`, '');
  await new LayerCache(`${dir}/layers`).put(keyOf('a'), layer('x'));
});

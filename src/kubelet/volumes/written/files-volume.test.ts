/** Volumes of files on a real file system: where they lie, what is found of them, and that they go. */

import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Volume } from '#api/generated/types.gen.ts';
import { isFileSystem, mountTmpfs } from '#host/kernel/mounts.ts';
import { volumeContext } from '#testing/kubelet/volume-context.ts';
import { filesPlugin } from './files-volume.ts';

const volume: Volume = { name: 'v' };
let content = 'secret';
const pluginWith = (inMemory: boolean) =>
  filesPlugin({
    name: 'secret',
    field: 'secret',
    inMemory,
    files: () => new Map([['key', { content: Buffer.from(content), mode: 0o400 }]]),
  });

for (const [inMemory, place] of [
  [true, 'memory'],
  [false, 'disk'],
] as const) {
  test(`a volume of files – in memory: ${inMemory} – lies there and nowhere else, is found there, and goes`, async (t) => {
    const { dir, context } = volumeContext(t);
    const plugin = pluginWith(inMemory);
    const path = await plugin.setUp(context, volume);
    assert.equal(path, `${dir}/${place}/kubernetes.io~secret/v`);
    assert.equal(readFileSync(`${path}/key`, 'utf8'), 'secret');
    assert.deepEqual(readdirSync(dir), [place]);
    assert.deepEqual(await plugin.find(context), [{ name: 'v', path }]);
    await plugin.tearDown({ name: 'v', path });
    assert.deepEqual(await plugin.find(context), []);
  });
}

test('a volume of files – half set up – is not found', async (t) => {
  const { dir, context } = volumeContext(t);
  mkdirSync(`${dir}/memory/kubernetes.io~secret/v`, { recursive: true });
  assert.deepEqual(await pluginWith(true).find(context), []);
});

test('a volume of files – on the tmpfs of its own that an older kubelet mounted – is kept up to date there', async (t) => {
  const { dir, context } = volumeContext(t);
  const plugin = pluginWith(true);
  const old = `${dir}/disk/kubernetes.io~secret/v`;
  mkdirSync(old, { recursive: true });
  await mountTmpfs(old);
  content = 'before';
  await plugin.setUp(context, volume);
  content = 'renewed';
  assert.equal(await plugin.setUp(context, volume), old);
  assert.equal(readFileSync(`${old}/key`, 'utf8'), 'renewed');
  assert.deepEqual(readdirSync(dir), ['disk']);
  assert.deepEqual(await plugin.find(context), [{ name: 'v', path: old }]);
  await plugin.tearDown({ name: 'v', path: old });
  assert.equal(await isFileSystem(old), false);
  assert.deepEqual(await plugin.find(context), []);
});

test('a volume of files – the mount of an older kubelet is gone since the machine started again – never lies on the disk', async (t) => {
  const { dir, context } = volumeContext(t);
  mkdirSync(`${dir}/disk/kubernetes.io~secret/v`, { recursive: true });
  const path = await pluginWith(true).setUp(context, volume);
  assert.equal(path, `${dir}/memory/kubernetes.io~secret/v`);
  assert.deepEqual(readdirSync(`${dir}/disk/kubernetes.io~secret/v`), []);
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ConfigMap, ConfigMapVolumeSource } from '#api/generated/types.gen.ts';
import { filesIn, volumeContext } from '#testing/kubelet/volume-context.ts';
import { configMapVolume } from './config-map.ts';

const stored: ConfigMap = {
  metadata: { name: 'conf', namespace: 'default' },
  data: { a: 'text a', 'b.conf': 'ü' },
  binaryData: { bin: Buffer.from('bytes').toString('base64') },
};

const volumeOf = (configMap: ConfigMapVolumeSource) => ({ name: 'v', configMap });

describe('a configMap volume – set up – has the chosen keys as files', () => {
  // biome-ignore format: a table
  const rows: [what: string, source: ConfigMapVolumeSource, files: Record<string, string>][] = [
    ['all keys', { name: 'conf' }, { a: '644 text a', 'b.conf': '644 ü', bin: '644 bytes' }],
    ['a mode', { name: 'conf', defaultMode: 0o400 }, { a: '400 text a', 'b.conf': '400 ü', bin: '400 bytes' }],
    ['no items', { name: 'conf', items: [] }, { a: '644 text a', 'b.conf': '644 ü', bin: '644 bytes' }],
    ['items', { name: 'conf', items: [{ key: 'a', path: 'renamed' }, { key: 'bin', path: 'b', mode: 0o600 }] }, { b: '600 bytes', renamed: '644 text a' }],
    ['an optional key that is missing', { name: 'conf', optional: true, items: [{ key: 'a', path: 'a' }, { key: 'x', path: 'x' }] }, { a: '644 text a' }],
    ['an optional ConfigMap that is missing', { name: 'none', optional: true }, {}],
  ];
  for (const [what, source, files] of rows) {
    test(what, async (t) => {
      const { context } = volumeContext(t, { objects: { 'configmaps/conf': stored } });
      assert.deepEqual(filesIn(await configMapVolume.setUp(context, volumeOf(source))), files);
    });
  }
});

describe('a configMap volume – what it names is missing – waits with the message of FailedMount', () => {
  const rows: [what: string, source: ConfigMapVolumeSource, message: string][] = [
    ['the ConfigMap', { name: 'none' }, 'configmap "none" not found'],
    [
      'a key',
      { name: 'conf', items: [{ key: 'x', path: 'x' }] },
      'configmap references non-existent config key: x',
    ],
  ];
  for (const [what, source, message] of rows) {
    test(what, async (t) => {
      const { context } = volumeContext(t, { objects: { 'configmaps/conf': stored } });
      await assert.rejects(configMapVolume.setUp(context, volumeOf(source)), { message });
      assert.deepEqual(await configMapVolume.find(context), []);
    });
  }
});

test('a configMap volume – its ConfigMap changes – follows it, at its place on the disk', async (t) => {
  const objects: Record<string, ConfigMap> = { 'configmaps/conf': stored };
  const { dir, context } = volumeContext(t, { objects });
  const path = await configMapVolume.setUp(context, volumeOf({ name: 'conf' }));
  assert.equal(path, `${dir}/disk/kubernetes.io~configmap/v`);
  objects['configmaps/conf'] = { metadata: stored.metadata!, data: { a: 'newer' } };
  assert.equal(await configMapVolume.setUp(context, volumeOf({ name: 'conf' })), path);
  assert.deepEqual(filesIn(path), { a: '644 newer' });
  assert.deepEqual(await configMapVolume.find(context), [{ name: 'v', path }]);
  await configMapVolume.tearDown({ name: 'v', path });
  assert.deepEqual(await configMapVolume.find(context), []);
});

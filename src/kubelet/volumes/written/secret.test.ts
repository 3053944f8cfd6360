import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { Secret, SecretVolumeSource } from '#api/generated/types.gen.ts';
import { filesIn, volumeContext } from '#testing/kubelet/volume-context.ts';
import { secretVolume } from './secret.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const stored: Secret = {
  metadata: { name: 'keys', namespace: 'default' },
  data: { user: base64('jane'), password: base64('s3cret') },
};

const volumeOf = (secret: SecretVolumeSource) => ({ name: 'v', secret });

describe('a secret volume – set up – has the chosen keys as files', () => {
  // biome-ignore format: a table
  const rows: [what: string, source: SecretVolumeSource, files: Record<string, string>][] = [
    ['all keys', { secretName: 'keys' }, { password: '644 s3cret', user: '644 jane' }],
    ['a mode', { secretName: 'keys', defaultMode: 0o440 }, { password: '440 s3cret', user: '440 jane' }],
    ['items', { secretName: 'keys', items: [{ key: 'password', path: 'p', mode: 0o400 }] }, { p: '400 s3cret' }],
    ['an optional key that is missing', { secretName: 'keys', optional: true, items: [{ key: 'x', path: 'x' }] }, {}],
    ['an optional Secret that is missing', { secretName: 'none', optional: true }, {}],
  ];
  for (const [what, source, files] of rows) {
    test(what, async (t) => {
      const { context } = volumeContext(t, { objects: { 'secrets/keys': stored } });
      assert.deepEqual(filesIn(await secretVolume.setUp(context, volumeOf(source))), files);
    });
  }
});

describe('a secret volume – what it names is missing – waits with the message of FailedMount', () => {
  const rows: [what: string, source: SecretVolumeSource, message: string][] = [
    ['the Secret', { secretName: 'none' }, 'secret "none" not found'],
    [
      'a key',
      { secretName: 'keys', items: [{ key: 'x', path: 'x' }] },
      'references non-existent secret key: x',
    ],
  ];
  for (const [what, source, message] of rows) {
    test(what, async (t) => {
      const { context } = volumeContext(t, { objects: { 'secrets/keys': stored } });
      await assert.rejects(secretVolume.setUp(context, volumeOf(source)), { message });
    });
  }
});

test('a secret volume – set up and taken down – lies in memory and never on the disk', async (t) => {
  const { dir, context } = volumeContext(t, { objects: { 'secrets/keys': stored } });
  const path = await secretVolume.setUp(context, volumeOf({ secretName: 'keys' }));
  assert.equal(path, `${dir}/memory/kubernetes.io~secret/v`);
  assert.equal(existsSync(`${dir}/disk`), false);
  assert.deepEqual(await secretVolume.find(context), [{ name: 'v', path }]);
  await secretVolume.tearDown({ name: 'v', path });
  assert.deepEqual(await secretVolume.find(context), []);
});

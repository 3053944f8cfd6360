import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { buildImage, imageArchive, layerOf } from './oci-image.ts';

test('an image – of the same files – is the same archive, byte for byte', () => {
  const source = {
    ref: 'web:1',
    layers: [[{ path: 'a', mode: 0o644, content: Buffer.from('x') }]],
    config: { Cmd: ['/a'] },
  };
  assert.deepEqual(buildImage(source), buildImage(source));
});

test('a layer – of a tar archive – is called by the digest of its bytes', () => {
  const digest = `sha256:${createHash('sha256').update('x').digest('hex')}`;
  const { content, ...rest } = layerOf(Buffer.from('x'));
  assert.deepEqual(rest, {
    mediaType: 'application/vnd.oci.image.layer.v1.tar',
    digest,
    size: 1,
    diffId: digest,
  });
});

test('an archive – with a layer that is present where it is loaded – has everything but its bytes', () => {
  const present = { mediaType: 'm', digest: `sha256:${'a'.repeat(64)}`, size: 7, diffId: 'sha256:d' };
  const text = imageArchive('web', [present, layerOf(Buffer.from('own bytes'))], {}).toString();
  assert.match(text, /"io.containerd.image.name":"docker.io\/library\/web:latest"/);
  assert.match(text, /own bytes/);
  assert.doesNotMatch(text, /blobs\/sha256\/aaaa/);
  assert.match(text, new RegExp(`{"mediaType":"m","digest":"sha256:${'a'.repeat(64)}","size":7}`));
});

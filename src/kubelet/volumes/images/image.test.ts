import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { volumeContext } from '#testing/kubelet/volume-context.ts';
import { imageVolume } from './image.ts';

test('an image volume – set up and taken down – has a place, whose mount is released before it is removed', async (t) => {
  const { context } = volumeContext(t);
  const calls: string[] = [];
  const plugin = imageVolume({
    mount: async () => undefined,
    unmount: async (directory) => void calls.push(`${directory} ${existsSync(directory)}`),
  });
  const path = await plugin.setUp(context, { name: 'v', image: { reference: 'tools:1' } });
  assert.equal(path, `${context.volumesDir}/kubernetes.io~image/v`);
  assert.deepEqual(await plugin.find(context), [{ name: 'v', path }]);
  await plugin.tearDown({ name: 'v', path });
  assert.deepEqual(calls, [`${path} true`]);
  assert.deepEqual(await plugin.find(context), []);
});

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { type TestContext, test } from 'node:test';
import { silentLog } from '#base/log.ts';
import type { FoundVolume, VolumePlaces, VolumePlugin } from '../volumes/volume.ts';
import { SharedMounts } from './shared-mounts.ts';

/** A plugin whose volumes and mounts are what the test has put here. */
function start(t: TestContext) {
  const podsDir = mkdtempSync(`${tmpdir()}/shared-mounts-`);
  t.after(() => rmSync(podsDir, { recursive: true }));
  const mounted = new Set<string>();
  const volumes = new Map<string, FoundVolume[]>();
  const plugin: VolumePlugin = {
    name: 'test',
    setUp: async () => '',
    find: async ({ volumesDir }) => volumes.get(volumesDir) ?? [],
    tearDown: async () => undefined,
    devices: {
      deviceOf: async () => 'd',
      mount: async (_, __, device) => void mounted.add(device),
      find: async () => [...mounted],
      unmount: async (_, device) => void mounted.delete(device),
    },
  };
  const placesOf = (uid: string) => ({ volumesDir: uid }) as VolumePlaces;
  const stands = (uid: string) => {
    mkdirSync(`${podsDir}/${uid}`);
    volumes.set(uid, [{ name: 'v', path: '', device: 'd' }]);
  };
  return {
    plugin,
    mounted,
    stands,
    volumes,
    life: () => new SharedMounts({ podsDir, pluginsDir: '', placesOf, measure: (_, __, work) => work() }),
  };
}

const hold = (shared: SharedMounts, plugin: VolumePlugin, uid: string) =>
  shared.hold(plugin, 'd', uid, (devices) => devices.mount({} as never, { name: 'v' }, 'd'));

test('a shared mount – of two pods – is unmounted with the last', async (t) => {
  const { plugin, mounted, life } = start(t);
  const shared = life();
  await hold(shared, plugin, 'a');
  await hold(shared, plugin, 'b');
  shared.forget('a');
  await shared.release(plugin, 'd');
  assert.deepEqual([...mounted], ['d']);
  shared.forget('b');
  await shared.release(plugin, 'd');
  assert.deepEqual([...mounted], []);
});

test('a shared mount – after a restart – stays while a pod of before stands on it, and is released later', async (t) => {
  const { plugin, mounted, life, stands, volumes } = start(t);
  await hold(life(), plugin, 'a');
  stands('a');
  const next = life();
  await next.releaseUnused([plugin], silentLog);
  assert.deepEqual([...mounted], ['d']);
  volumes.clear();
  await next.releaseUnused([plugin], silentLog);
  assert.deepEqual([...mounted], []);
});

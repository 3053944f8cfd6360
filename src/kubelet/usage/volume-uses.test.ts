import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Volume } from '#api/generated/types.gen.ts';
import { storedPod } from '#testing/objects.ts';
import type { MeasurableVolume } from '../runtime/machine.ts';
import { volumeUses } from './volume-uses.ts';

async function folder(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'volume-uses-'));
  t.after(() => rm(dir, { recursive: true }));
  await writeFile(join(dir, 'file'), Buffer.alloc(8192));
  return dir;
}

function measured(dir: string, volumes: Volume[], places: Record<string, Partial<MeasurableVolume>>) {
  const pod = storedPod('web', { spec: { volumes } });
  const volume = (_: unknown, name: string) => places[name] && { path: '', isBlock: false, ...places[name] };
  return volumeUses({ volume }, dir, pod);
}

test('the claims of a pod – in folders and on file systems of their own – are measured, those without an answer left out', async (t) => {
  const dir = await folder(t);
  const volumes = [
    { name: 'data', persistentVolumeClaim: { claimName: 'c' } },
    { name: 'own', ephemeral: {} },
    { name: 'later', persistentVolumeClaim: { claimName: 'not-mounted' } },
    { name: 'gone', persistentVolumeClaim: { claimName: 'gone' } },
    { name: 'scratch', emptyDir: {} },
  ];
  const [data, own, ...more] = await measured(dir, volumes, {
    data: { path: dir },
    own: { path: '/proc' },
    gone: { path: '/no/such/path' },
    scratch: { path: dir },
  });
  assert.deepEqual([data?.volume, data?.claim, own?.volume, own?.claim], ['data', 'c', 'own', 'web-own']);
  assert.deepEqual(more, []);
  assert.ok((data?.use?.bytes ?? 0) >= 8192 && data?.use?.inodes === 2);
  assert.deepEqual([own?.use, own?.room.bytes.capacity], [undefined, 0]);
});

test('volumes of drivers – one reports stats, one reports none, one fails – have those that the driver reports', async (t) => {
  const dir = await folder(t);
  const room = { bytes: { available: 60, capacity: 100 }, inodes: { available: 6, capacity: 10 } };
  const stats = { room, use: { bytes: 30, inodes: 3 } };
  const volumes = [
    { name: 'inline', csi: { driver: 'd' } },
    { name: 'claimed', persistentVolumeClaim: { claimName: 'c' } },
    { name: 'disk', gcePersistentDisk: { pdName: 'pd' } },
    { name: 'silent', csi: { driver: 'd' } },
    { name: 'failing', csi: { driver: 'd' } },
  ];
  const found = await measured(dir, volumes, {
    inline: { measure: async () => stats },
    claimed: { measure: async () => stats, isBlock: true },
    disk: { measure: async () => stats },
    silent: { measure: async () => undefined },
    failing: { measure: async () => assert.fail('the driver is away') },
  });
  assert.deepEqual(found, [
    { volume: 'inline', ...stats },
    { volume: 'claimed', claim: 'c', ...stats },
    { volume: 'disk', ...stats },
  ]);
});

test('a claim – of a device without a driver – has the size of the device alone', async (t) => {
  const dir = await folder(t);
  await truncate(join(dir, 'file'), 2 * 1024 * 1024);
  const device = execFileSync('losetup', ['-f', '--show', join(dir, 'file')], { encoding: 'utf8' }).trim();
  t.after(() => execFileSync('losetup', ['-d', device]));
  const volumes = [{ name: 'disk', persistentVolumeClaim: { claimName: 'c' } }];
  assert.deepEqual(await measured(dir, volumes, { disk: { path: device, isBlock: true } }), [
    {
      volume: 'disk',
      claim: 'c',
      room: { bytes: { available: 0, capacity: 2 * 1024 * 1024 }, inodes: { available: 0, capacity: 0 } },
      use: { bytes: 0, inodes: 0 },
    },
  ]);
});

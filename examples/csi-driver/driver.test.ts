/** The driver over its socket, with real folders and, as root, real mounts. */

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { startDriver } from './driver.ts';
import { connect, type Message } from './protocol/service.ts';
import { isMounted, unmount } from './storage/mounts.ts';

const isRoot = process.getuid?.() === 0;
const writer = { accessMode: { mode: 'SINGLE_NODE_WRITER' }, mount: {} };

async function open(t: TestContext) {
  const dir = await mkdtemp('/tmp/folders-csi-');
  const socketPath = `${dir}/csi.sock`;
  const stop = await startDriver({ socketPath, nodeName: 'n1', storageDir: `${dir}/volumes` });
  const driver = connect(socketPath);
  t.after(async () => {
    driver.close();
    await stop();
    for (const target of ['target', 'stage']) await unmount(`${dir}/${target}`);
    await rm(dir, { recursive: true });
  });
  const create = (more: Message = {}) =>
    driver.call('Controller', 'CreateVolume', { name: 'v', volumeCapabilities: [writer], ...more });
  return { dir, driver, create };
}

test('the driver – asked who it is – names itself and its services', async (t) => {
  const { driver } = await open(t);
  const { name } = await driver.call('Identity', 'GetPluginInfo', {});
  assert.equal(name, 'folders.csi.example.com');
  assert.deepEqual(await driver.call('Identity', 'Probe', {}), { ready: { value: true } });
  const { capabilities } = await driver.call('Identity', 'GetPluginCapabilities', {});
  assert.deepEqual(
    capabilities.map(({ service }: Message) => service.type),
    ['CONTROLLER_SERVICE', 'VOLUME_ACCESSIBILITY_CONSTRAINTS'],
  );
});

test('a volume – made twice, then removed twice – is there once, then gone', async (t) => {
  const { driver, create } = await open(t);
  const made = await create({ capacityRange: { requiredBytes: 4096 }, parameters: { a: 'b' } });
  assert.deepEqual(made['volume'].accessibleTopology, [
    { segments: { 'folders.csi.example.com/node': 'n1' } },
  ]);
  assert.equal(made['volume'].capacityBytes, 4096);
  assert.deepEqual(made['volume'].volumeContext, { a: 'b' });
  assert.deepEqual(await create({ capacityRange: { requiredBytes: 4096 }, parameters: { a: 'b' } }), made);
  await assert.rejects(create({ capacityRange: { requiredBytes: 8192 } }), { code: status.ALREADY_EXISTS });
  await driver.call('Controller', 'DeleteVolume', { volumeId: 'v' });
  await driver.call('Controller', 'DeleteVolume', { volumeId: 'v' });
  const validate = { volumeId: 'v', volumeCapabilities: [writer] };
  await assert.rejects(driver.call('Controller', 'ValidateVolumeCapabilities', validate), {
    code: status.NOT_FOUND,
  });
});

const refused: [title: string, request: Message, code: number][] = [
  ['without a name', { name: '' }, status.INVALID_ARGUMENT],
  ['whose name leads elsewhere', { name: '../v' }, status.INVALID_ARGUMENT],
  ['without capabilities', { volumeCapabilities: [] }, status.INVALID_ARGUMENT],
  [
    'that is a device',
    { volumeCapabilities: [{ accessMode: writer.accessMode, block: {} }] },
    status.INVALID_ARGUMENT,
  ],
  [
    'of many nodes',
    { volumeCapabilities: [{ accessMode: { mode: 'MULTI_NODE_MULTI_WRITER' }, mount: {} }] },
    status.INVALID_ARGUMENT,
  ],
  ['that is too large', { capacityRange: { requiredBytes: 2 ** 52 } }, status.OUT_OF_RANGE],
];
for (const [title, request, code] of refused) {
  test(`a volume – ${title} – is refused`, async (t) => {
    const { create } = await open(t);
    await assert.rejects(create(request), { code });
  });
}

test('a volume – attached, staged, published, and back – keeps its files', { skip: !isRoot }, async (t) => {
  const { dir, driver, create } = await open(t);
  await create();
  const stage = `${dir}/stage`;
  const target = `${dir}/target`;
  const use = { volumeId: 'v', stagingTargetPath: stage, volumeCapability: writer };
  await assert.rejects(driver.call('Node', 'NodeStageVolume', use), { code: status.FAILED_PRECONDITION });
  const attach = { volumeId: 'v', nodeId: 'n1', volumeCapability: writer };
  const { publishContext } = await driver.call('Controller', 'ControllerPublishVolume', attach);
  for (let round = 0; round < 2; round++) {
    await driver.call('Node', 'NodeStageVolume', { ...use, publishContext });
    await driver.call('Node', 'NodePublishVolume', { ...use, publishContext, targetPath: target });
  }
  await writeFile(`${target}/file`, 'kept');
  await assert.rejects(driver.call('Controller', 'DeleteVolume', { volumeId: 'v' }), {
    code: status.FAILED_PRECONDITION,
  });
  const { usage } = await driver.call('Node', 'NodeGetVolumeStats', { volumeId: 'v', volumePath: target });
  assert.deepEqual(
    usage.map(({ unit }: Message) => unit),
    ['BYTES', 'INODES'],
  );
  for (let round = 0; round < 2; round++) {
    await driver.call('Node', 'NodeUnpublishVolume', { volumeId: 'v', targetPath: target });
    await driver.call('Node', 'NodeUnstageVolume', { volumeId: 'v', stagingTargetPath: stage });
  }
  assert.equal(await isMounted(target), false);
  assert.equal(await readFile(`${dir}/volumes/v/data/file`, 'utf8'), 'kept');
  await driver.call('Controller', 'ControllerUnpublishVolume', { volumeId: 'v', nodeId: 'n1' });
  await driver.call('Controller', 'DeleteVolume', { volumeId: 'v' });
});

test('a volume – enlarged – has the new size', async (t) => {
  const { driver, create } = await open(t);
  await create({ capacityRange: { requiredBytes: 4096 } });
  const request = { volumeId: 'v', capacityRange: { requiredBytes: 8192 } };
  assert.deepEqual(await driver.call('Controller', 'ControllerExpandVolume', request), {
    capacityBytes: 8192,
    nodeExpansionRequired: true,
  });
  const expanded = await driver.call('Node', 'NodeExpandVolume', { volumeId: 'v', volumePath: '/t' });
  assert.equal(expanded['capacityBytes'], 8192);
});

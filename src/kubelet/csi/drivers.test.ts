/** Registration of real gRPC drivers, with CSINode and Node in a real API server. */

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { csiNodes, nodes } from '#api/generated/kinds.gen.ts';
import { systemEnv } from '#host/system-env.ts';
import { type DriverTraits, TestDriver } from '#testing/kubelet/csi-driver.ts';
import { Failure, nonsense } from '#testing/kubelet/plugin-server.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { KubeletRoot } from '../paths/kubelet-root.ts';
import { CsiMetrics } from './csi-metrics.ts';
import { CsiDrivers } from './drivers.ts';
import { NodeRecord } from './record/node-record.ts';

async function open(t: TestContext) {
  const dir = await mkdtemp('/tmp/kybern-drivers-');
  const api = await startTestServer();
  await api.client.create(nodes, { metadata: { name: 'n1' } });
  const record = new NodeRecord(systemEnv(), api.client, 'n1');
  const drivers = new CsiDrivers(new KubeletRoot(dir), record, new CsiMetrics(systemEnv().clock));
  t.after(async () => {
    await drivers.close();
    await api[Symbol.asyncDispose]();
    await rm(dir, { recursive: true });
  });
  const register = async (traits: DriverTraits) => {
    const driver = new TestDriver(dir, traits);
    await driver.serve(t);
    const { name, endpoint } = driver;
    const supportedVersions = traits.versions ?? ['1.0.0'];
    return drivers.register({ type: 'CSIPlugin', name, endpoint, supportedVersions });
  };
  const listed = async () => (await api.client.get(csiNodes, { name: 'n1' })).spec.drivers;
  const annotations = async () => (await api.client.get(nodes, { name: 'n1' })).metadata.annotations;
  return { api, record, drivers, register, listed, annotations };
}

test('driver – registered, then deregistered – in CSINode and Node, then in neither', async (t) => {
  const { drivers, register, listed, annotations } = await open(t);
  const info = { nodeId: 'id', maxVolumesPerNode: 2, accessibleTopology: { segments: { zone: 'a' } } };
  const deregister = await register({ info });
  const name = 'test.csi.example.com';
  assert.deepEqual(await listed(), [
    { name, nodeID: 'id', topologyKeys: ['zone'], allocatable: { count: 2 } },
  ]);
  assert.deepEqual(await annotations(), { 'csi.volume.kubernetes.io/nodeid': `{"${name}":"id"}` });
  assert.ok(drivers.get(name));

  await deregister();
  assert.equal(await listed(), null);
  assert.equal(await annotations(), undefined);
  assert.throws(() => drivers.get(name), {
    message: `driver name ${name} not found in the list of registered CSI drivers`,
  });
});

test('CSINode – before the first driver – exists, and replaces that of an earlier Node', async (t) => {
  const { api, record, listed } = await open(t);
  await record.initialize();
  assert.equal(await listed(), null);
  await api.client.delete(nodes, { name: 'n1' });
  const { metadata } = await api.client.create(nodes, { metadata: { name: 'n1' } });
  await record.initialize();
  const [owner] = (await api.client.get(csiNodes, { name: 'n1' })).metadata.ownerReferences ?? [];
  assert.equal(owner?.uid, metadata.uid);
});

test('driver – of the name of a registered driver – refused, if its version is not higher', async (t) => {
  const { drivers, register } = await open(t);
  await register({});
  const name = 'test.csi.example.com';
  const plugin = { type: 'CSIPlugin', name, endpoint: '/s', supportedVersions: ['1.0.0'] };
  await assert.rejects(drivers.register(plugin), {
    message: `kubernetes.io/csi: RegisterPlugin for CSI driver "${name}" failed. Another driver with the same name is already registered with a higher supported version: "1.0.0"`,
  });
  drivers.validate({ ...plugin, supportedVersions: ['1.1.0'] });
});

const invalid: [title: string, versions: string[], message: string][] = [
  [
    'without versions',
    [],
    'validation failed for CSI Driver d at endpoint /s: kubernetes.io/csi: ValidatePlugin for CSI driver "d" failed. Plugin returned an empty list for supported versions',
  ],
  [
    'of version 2',
    ['2.0.0'],
    'validation failed for CSI Driver d at endpoint /s: kubernetes.io/csi: ValidatePlugin for CSI driver "d" failed. None of the versions specified ["2.0.0"] are supported. err=could not find a highest supported version from versions ([2.0.0]) reported: <nil>',
  ],
];
for (const [title, supportedVersions, message] of invalid) {
  test(`driver – ${title} – invalid`, async (t) => {
    const { drivers } = await open(t);
    const plugin = { type: 'CSIPlugin', name: 'd', endpoint: '/s', supportedVersions };
    assert.throws(() => drivers.validate(plugin), { message });
  });
}

const bad: [title: string, traits: DriverTraits, message: RegExp | string][] = [
  [
    'that reports no node id',
    { info: { nodeId: '' } },
    'error adding CSI driver node info: driverNodeID must not be empty',
  ],
  [
    'that fails',
    {
      answers: {
        NodeGetInfo: () => {
          throw new Failure('INTERNAL', 'no disk');
        },
      },
    },
    'rpc error: code = Internal desc = no disk',
  ],
  [
    'that answers nonsense',
    { answers: { NodeGetInfo: () => nonsense } },
    /^rpc error: code = Internal desc = Response message parsing error/,
  ],
];
for (const [title, traits, message] of bad) {
  test(`driver – ${title} – not registered`, async (t) => {
    const { drivers, register } = await open(t);
    await assert.rejects(register(traits), { message });
    assert.throws(() => drivers.get('test.csi.example.com'));
  });
}

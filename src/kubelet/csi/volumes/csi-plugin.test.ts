/** Volumes of a real gRPC driver in a folder of the test's own, with objects of a real API server. */

import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import {
  csiDrivers,
  namespaces,
  nodes,
  persistentVolumes,
  pods,
  secrets,
  volumeAttachments,
} from '#api/generated/kinds.gen.ts';
import type { CSIDriverSpec, Volume } from '#api/generated/types.gen.ts';
import { attachmentName, sha256 } from '#api/volumes/csi-names.ts';
import { inlineCsiVolume } from '#api/volumes/in-tree/translate.ts';
import type { Client } from '#client/client.ts';
import { createInformers } from '#client/informers/informers.ts';
import { systemEnv } from '#host/system-env.ts';
import type { Message } from '#kubelet/grpc/service-types.ts';
import type { NodePod } from '#kubelet/pod/pod.ts';
import { PluginRegistry } from '#kubelet/registration/plugin-registry.ts';
import type { VolumeContext } from '#kubelet/volumes/volume.ts';
import { eventually } from '#testing/client-suite.ts';
import { type DriverTraits, TestDriver } from '#testing/kubelet/csi-driver.ts';
import { Failure } from '#testing/kubelet/plugin-server.ts';
import { volumeContext } from '#testing/kubelet/volume-context.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { startCsi } from '../start-csi.ts';

const driverName = 'test.csi.example.com';
const handle = 'h1';
const token = { token: 't', expirationTimestamp: '2030-01-01T00:00:00Z' };

async function open(t: TestContext, traits: DriverTraits & { spec?: CSIDriverSpec; fsGroup?: number } = {}) {
  const api = await startTestServer();
  const client: Client = Object.assign(Object.create(api.client), {
    createSubresource: async () => ({ status: token }),
  });
  const { dir, context: plain } = volumeContext(t);
  const kubeletDir = `${dir}/kubelet`;
  mkdirSync(kubeletDir);
  await client.create(namespaces, { metadata: { name: 'default' } });
  await client.create(nodes, { metadata: { name: 'n1' } });
  const { name = driverName, spec: driverSpec } = traits;
  if (driverSpec) await client.create(csiDrivers, { metadata: { name }, spec: driverSpec });
  const pod = await client.create(pods, {
    metadata: { name: 'p', namespace: 'default' },
    spec: {
      nodeName: 'n1',
      serviceAccountName: 'web',
      containers: [{ name: 'main', image: 'i' }],
      ...(traits.fsGroup === undefined ? {} : { securityContext: { fsGroup: traits.fsGroup } }),
    },
  });
  const env = systemEnv();
  const informers = createInformers(client, env);
  const driver = new TestDriver(kubeletDir, traits);
  const server = await driver.serve(t);
  await driver.serveRegistration(t);
  const start = async () => {
    const csi = await startCsi({ env, client, informers, nodeName: 'n1', root: plain.root });
    csi.volumesInUse.subscribe(() => csi.volumesInUse.reported(csi.volumesInUse.names()));
    const registry = new PluginRegistry({ env, root: plain.root, handlers: [csi.handler] });
    t.after(() => registry.stop());
    await registry.start();
    while (driver.statuses.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual(driver.statuses.splice(0), [{ pluginRegistered: true, error: '' }]);
    driver.calls.length = 0;
    return csi;
  };
  const csi = await start();
  t.after(async () => {
    await csi.stop();
    informers.stop();
    await api[Symbol.asyncDispose]();
  });
  const context: VolumeContext = {
    ...plain,
    env,
    client,
    pod: pod as NodePod,
    podsDir: `${kubeletDir}/pods`,
    pluginsDir: `${kubeletDir}/plugins`,
    volumesDir: `${kubeletDir}/pods/${pod.metadata.uid}/volumes`,
    volumeDevicesDir: `${kubeletDir}/pods/${pod.metadata.uid}/volumeDevices`,
  };
  return {
    api,
    client,
    csi,
    start,
    context,
    driver,
    server,
    plugin: csi.plugin,
    kubeletDir,
    uid: pod.metadata.uid,
  };
}

const inline: Volume = { name: 'v', csi: { driver: driverName, volumeAttributes: { size: '1' } } };
const inlineSpec = { volumeLifecycleModes: ['Ephemeral'], podInfoOnMount: true };

/** The context of a claim's volume `pv`. */
async function claimed({ client, context }: Awaited<ReturnType<typeof open>>, more: object = {}) {
  const volume = await client.create(persistentVolumes, {
    metadata: { name: 'pv' },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      csi: { driver: driverName, volumeHandle: handle, fsType: 'ext4', volumeAttributes: { a: 'b' } },
      ...more,
    },
  });
  return { ...context, claimed: { claim: {}, volume } } as unknown as VolumeContext;
}

const named: Volume = { name: 'v', persistentVolumeClaim: { claimName: 'c' } };
const stage = `${driverName}/${sha256(handle)}`;

test('inline volume – published – with the pod’s facts, at upstream’s place', async (t) => {
  const { plugin, context, driver, uid, kubeletDir } = await open(t, { spec: inlineSpec });
  const path = await plugin.setUp(context, inline);
  assert.equal(path, `${kubeletDir}/pods/${uid}/volumes/kubernetes.io~csi/v/mount`);
  assert.deepEqual(driver.methods(), ['NodePublishVolume']);
  const { request } = driver.calls.at(-1)!;
  assert.deepEqual(request, {
    volumeId: `csi-${sha256(`${uid}v`)}`,
    publishContext: {},
    stagingTargetPath: '',
    targetPath: `/var/lib/kubelet/pods/${uid}/volumes/kubernetes.io~csi/v/mount`,
    volumeCapability: {
      accessMode: { mode: 'SINGLE_NODE_WRITER' },
      mount: { fsType: '', mountFlags: [], volumeMountGroup: '' },
    },
    readonly: false,
    secrets: {},
    volumeContext: {
      size: '1',
      'csi.storage.k8s.io/pod.name': 'p',
      'csi.storage.k8s.io/pod.namespace': 'default',
      'csi.storage.k8s.io/pod.uid': uid,
      'csi.storage.k8s.io/serviceAccount.name': 'web',
      'csi.storage.k8s.io/ephemeral': 'true',
    },
  });
});

test('inline volume – taken down – unpublished, and nothing is left', async (t) => {
  const { plugin, context, driver, uid } = await open(t, { spec: inlineSpec });
  await plugin.setUp(context, inline);
  const [found] = await plugin.find(context);
  assert.deepEqual([found?.name, found?.device], ['v', undefined]);
  await plugin.tearDown(found!);
  assert.deepEqual(driver.methods(), ['NodePublishVolume', 'NodeUnpublishVolume']);
  assert.equal(driver.calls.at(-1)?.request['volumeId'], `csi-${sha256(`${uid}v`)}`);
  assert.deepEqual(await plugin.find(context), []);
});

test('inline volume – the driver takes none – refused', async (t) => {
  const { plugin, context } = await open(t, { spec: {} });
  await assert.rejects(plugin.setUp(context, inline), {
    message: `kubernetes.io/csi: mounter.SetupAt failed to check volume lifecycle mode: volume mode "Ephemeral" not supported by driver ${driverName} (only supports ["Persistent"])`,
  });
});

test('volume – its driver is not registered – refused', async (t) => {
  const { plugin, context } = await open(t);
  await assert.rejects(plugin.setUp(context, { name: 'v', csi: { driver: 'gone' } }), {
    message:
      'kubernetes.io/csi: mounter.SetUpAt failed to get CSI client: driver name gone not found in the list of registered CSI drivers',
  });
});

test('volume – the driver fails for sure – the error is the driver’s, and nothing is left', async (t) => {
  const answers = {
    NodePublishVolume: () => {
      throw new Failure('INVALID_ARGUMENT', 'no such disk');
    },
  };
  const { plugin, context } = await open(t, { spec: inlineSpec, answers });
  await assert.rejects(plugin.setUp(context, inline), {
    message: 'rpc error: code = InvalidArgument desc = no such disk',
  });
  assert.deepEqual(await plugin.find(context), []);
});

test('volume – the driver may be at work still – its data stays, so that it is taken down', async (t) => {
  const answers = {
    NodePublishVolume: () => {
      throw new Failure('ABORTED', 'pending');
    },
  };
  const { plugin, context, driver } = await open(t, { spec: inlineSpec, answers });
  await assert.rejects(plugin.setUp(context, inline), {
    message: 'rpc error: code = Aborted desc = pending',
  });
  const [found] = await plugin.find(context);
  await plugin.tearDown(found!);
  assert.deepEqual(driver.methods(), ['NodePublishVolume', 'NodeUnpublishVolume']);
});

test('volume – the driver is killed – the error says so', async (t) => {
  const { plugin, context, server } = await open(t, { spec: inlineSpec });
  server.kill();
  await assert.rejects(plugin.setUp(context, inline), { message: /^rpc error: code = Unavailable desc = / });
});

test('volume – the driver hangs, then is killed – holds up no other volume, and is taken down later', async (t) => {
  const inlineName = inline.name;
  let hangs = true;
  const answers = {
    NodePublishVolume: ({ targetPath }: Message) =>
      hangs && String(targetPath).includes(`/${inlineName}/`) ? new Promise<Message>(() => undefined) : {},
  };
  const { plugin, context, driver, server } = await open(t, { spec: inlineSpec, answers });
  const hanging = plugin.setUp(context, inline);
  await plugin.setUp(context, { ...inline, name: 'other' });
  server.kill();
  await assert.rejects(hanging, { message: /^rpc error: code = (Unavailable|Canceled) desc = / });
  hangs = false;
  await driver.serve(t);
  const found = (await plugin.find(context)).find(({ name }) => name === inlineName);
  await eventually(context.env, 'the driver is reached again', () =>
    plugin.tearDown(found!).then(
      () => true,
      () => undefined,
    ),
  );
  assert.deepEqual(
    (await plugin.find(context)).map(({ name }) => name),
    ['other'],
  );
});

test('volume of a claim – staged once, published into each pod', async (t) => {
  const opened = await open(t, { spec: { attachRequired: false }, capabilities: ['STAGE_UNSTAGE_VOLUME'] });
  const { plugin, driver, uid, kubeletDir } = opened;
  const context = await claimed(opened);
  assert.equal(await plugin.devices?.deviceOf(context, named), stage);
  await plugin.devices?.mount(context, named, stage);
  await plugin.setUp(context, named);
  await plugin.devices?.mount(context, named, stage);
  assert.deepEqual(driver.methods(), ['NodeStageVolume', 'NodePublishVolume']);
  const staging = `/var/lib/kubelet/plugins/kubernetes.io/csi/${stage}/globalmount`;
  const [staged, published] = driver.calls.filter(({ method }) => method !== 'NodeGetCapabilities');
  assert.equal(staged?.request['stagingTargetPath'], staging);
  assert.deepEqual(staged?.request['volumeContext'], { a: 'b' });
  assert.equal(published?.request['stagingTargetPath'], staging);
  assert.equal(
    published?.request['targetPath'],
    `/var/lib/kubelet/pods/${uid}/volumes/kubernetes.io~csi/pv/mount`,
  );
  assert.ok(statSync(`${kubeletDir}/plugins/kubernetes.io/csi/${stage}/globalmount`).isDirectory());

  const [found] = await plugin.find(context);
  assert.equal(found?.device, stage);
  await plugin.tearDown(found!);
  assert.deepEqual(await plugin.devices?.find(context), [stage]);
  await plugin.devices?.unmount(context, stage);
  assert.deepEqual(driver.methods().slice(2), ['NodeUnpublishVolume', 'NodeUnstageVolume']);
  assert.deepEqual(await plugin.devices?.find(context), []);
});

test('volume of a claim – the driver does not stage – only published', async (t) => {
  const opened = await open(t, { spec: { attachRequired: false } });
  const { plugin, driver } = opened;
  const context = await claimed(opened);
  await plugin.devices?.mount(context, named, stage);
  await plugin.setUp(context, named);
  await plugin.tearDown((await plugin.find(context))[0]!);
  await plugin.devices?.unmount(context, stage);
  assert.deepEqual(driver.methods(), ['NodePublishVolume', 'NodeUnpublishVolume']);
  assert.deepEqual(await plugin.devices?.find(context), []);
});

test('volume of a claim – must be attached – waits for the node’s status, and is in use meanwhile', async (t) => {
  const opened = await open(t, { capabilities: ['STAGE_UNSTAGE_VOLUME'] });
  const { client, csi, plugin, driver } = opened;
  const context = await claimed(opened);
  const name = `kubernetes.io/csi/${driverName}^${handle}`;
  const attachment = attachmentName({ driverName, volumeHandle: handle }, 'n1');
  await client.create(volumeAttachments, {
    metadata: { name: attachment },
    spec: { attacher: driverName, nodeName: 'n1', source: { persistentVolumeName: 'pv' } },
  });
  const mounted = plugin.devices?.mount(context, named, stage);
  const status = { attached: true, attachmentMetadata: { device: 'sdx' } };
  await client.patch(volumeAttachments, { name: attachment }, 'merge', { status }, { subresource: 'status' });
  const volumesAttached = [{ name, devicePath: '' }];
  await client.patch(
    nodes,
    { name: 'n1' },
    'merge',
    { status: { volumesAttached } },
    { subresource: 'status' },
  );
  await mounted;
  assert.deepEqual(csi.volumesInUse.names(), [name]);
  await plugin.setUp(context, named);
  const [staged, published] = driver.calls.filter(({ method }) => method !== 'NodeGetCapabilities');
  assert.deepEqual(staged?.request['publishContext'], { device: 'sdx' });
  assert.deepEqual(published?.request['publishContext'], { device: 'sdx' });

  const next = await opened.start();
  assert.deepEqual(next.volumesInUse.names(), [name], 'after a restart of the kubelet');
  await next.plugin.tearDown((await next.plugin.find(context))[0]!);
  await next.plugin.devices?.unmount(context, stage);
  assert.deepEqual(next.volumesInUse.names(), []);
  await next.stop();
});

test('volume of a claim – its pod is deleted while it waits – is given up', async (t) => {
  const opened = await open(t);
  const { client, csi, plugin } = opened;
  const context = await claimed(opened);
  const mounted = plugin.devices?.mount(context, named, stage);
  await client.delete(pods, { namespace: 'default', name: 'p' }, { gracePeriodSeconds: 0 });
  await assert.rejects(mounted!, {
    message:
      'Unable to attach or mount volumes: unmounted volumes=[v], unattached volumes=[v], failed to process volumes=[]: context canceled',
  });
  assert.deepEqual(csi.volumesInUse.names(), []);
});

test('volume of a claim – a device – published as a file, and found by the pod’s link', async (t) => {
  const opened = await open(t, { spec: { attachRequired: false }, capabilities: ['STAGE_UNSTAGE_VOLUME'] });
  const { plugin, driver, uid, kubeletDir } = opened;
  const context = await claimed(opened, { volumeMode: 'Block' });
  await plugin.devices?.mount(context, named, stage);
  const path = await plugin.setUp(context, named);
  assert.equal(path, `${kubeletDir}/plugins/kubernetes.io/csi/volumeDevices/publish/pv/${uid}`);
  assert.deepEqual(driver.calls.at(-1)?.request['volumeCapability'], {
    accessMode: { mode: 'SINGLE_NODE_WRITER' },
    block: {},
  });
  const [found] = await plugin.find(context);
  assert.deepEqual([found?.name, found?.device], ['pv', stage]);
  await plugin.tearDown(found!);
  await plugin.devices?.unmount(context, stage);
  assert.equal(
    driver.calls.at(-1)?.request['stagingTargetPath'],
    '/var/lib/kubelet/plugins/kubernetes.io/csi/volumeDevices/staging/pv',
  );
  assert.deepEqual(await plugin.find(context), []);
});

test('volume – its Secret is missing – refused', async (t) => {
  const { plugin, context, driver } = await open(t, { spec: inlineSpec });
  const csi = { driver: driverName, nodePublishSecretRef: { name: 'x' } };
  await assert.rejects(plugin.setUp(context, { name: 'v', csi }), {
    message:
      'fetching NodePublishSecretRef default/x failed: kubernetes.io/csi: failed to find the secret x in the namespace default with error: secrets "x" not found',
  });
  assert.deepEqual(driver.methods(), []);
});

for (const inSecrets of [false, true]) {
  const place = inSecrets ? 'secrets' : 'volumeContext';
  test(`volume – a Secret and tokens asked for – tokens are in ${place}`, async (t) => {
    const spec = {
      volumeLifecycleModes: ['Ephemeral'],
      tokenRequests: [{ audience: 'vault', expirationSeconds: 600 }],
      serviceAccountTokenInSecrets: inSecrets,
    };
    const { client, plugin, context, driver } = await open(t, { spec });
    const data = { password: Buffer.from('secret').toString('base64') };
    await client.create(secrets, { metadata: { name: 's', namespace: 'default' }, data });
    const csi = { driver: driverName, nodePublishSecretRef: { name: 's' } };
    await plugin.setUp(context, { name: 'v', csi });
    const { request } = driver.calls.at(-1)!;
    const tokens = { 'csi.storage.k8s.io/serviceAccount.tokens': `{"vault":${JSON.stringify(token)}}` };
    const given = { password: 'secret' };
    assert.deepEqual(request['secrets'], inSecrets ? { ...given, ...tokens } : given);
    assert.deepEqual(request['volumeContext'], inSecrets ? {} : tokens);
  });
}

test('volume – republished, and the driver fails – stays as it is', async (t) => {
  let fails = false;
  const answers = {
    NodePublishVolume: () => {
      if (fails) throw new Failure('INTERNAL', 'no token');
      return {};
    },
  };
  const spec = { ...inlineSpec, requiresRepublish: true };
  const { plugin, context } = await open(t, { spec, answers });
  const path = await plugin.setUp(context, inline);
  mkdirSync(path);
  assert.equal(plugin.repeats?.(context, inline), true);
  fails = true;
  await assert.rejects(plugin.setUp(context, inline));
  assert.ok(statSync(path).isDirectory());
  assert.deepEqual(readdirSync(`${path}/..`).sort(), ['mount', 'vol_data.json']);
  assert.equal(JSON.parse(readFileSync(`${path}/../vol_data.json`, 'utf8')).volumeLifecycleMode, 'Ephemeral');
});

test('volume – expanded – the driver is asked, if it can', async (t) => {
  const opened = await open(t, { spec: { attachRequired: false }, capabilities: ['EXPAND_VOLUME'] });
  const { plugin, driver } = opened;
  const context = await claimed(opened);
  const path = await plugin.setUp(context, named);
  await plugin.expand?.(context, named, path);
  const { method, request } = driver.calls.at(-1)!;
  assert.equal(method, 'NodeExpandVolume');
  assert.deepEqual(request['capacityRange'], { requiredBytes: 2 ** 30, limitBytes: 0 });
});

const usage = [{ unit: 'BYTES', available: 60, total: 100, used: 40 }];
const stats = {
  room: { bytes: { available: 60, capacity: 100 }, inodes: { available: 0, capacity: 0 } },
  use: { bytes: 40, inodes: 0 },
};

for (const volumeMode of ['Filesystem', 'Block']) {
  test(`volume of mode ${volumeMode} – measured – as its driver reports it`, async (t) => {
    const answers = { NodeGetVolumeStats: () => ({ usage }) };
    const spec = { attachRequired: false };
    const opened = await open(t, { spec, capabilities: ['GET_VOLUME_STATS'], answers });
    const { plugin, driver, kubeletDir } = opened;
    const context = await claimed(opened, { volumeMode });
    const path = await plugin.setUp(context, named);
    assert.deepEqual(await plugin.measure?.(path, volumeMode === 'Block'), stats);
    const { method, request } = driver.calls.at(-1)!;
    assert.equal(method, 'NodeGetVolumeStats');
    assert.deepEqual(
      [request['volumeId'], request['volumePath']],
      [handle, path.replace(kubeletDir, '/var/lib/kubelet')],
    );
  });
}

test('volume – measured – the driver without the capability is not asked', async (t) => {
  const { plugin, context, driver } = await open(t, { spec: inlineSpec });
  const path = await plugin.setUp(context, inline);
  assert.equal(await plugin.measure?.(path, false), undefined);
  assert.deepEqual(driver.methods(), ['NodePublishVolume']);
});

test('a cloud’s disk that the pod names – staged and published as its driver’s, at upstream’s places', async (t) => {
  const name = 'disk.csi.azure.com';
  const diskURI = '/subscriptions/s/disks/d';
  const spec = { attachRequired: false };
  const opened = await open(t, { name, spec, capabilities: ['STAGE_UNSTAGE_VOLUME'] });
  const { plugin, driver, kubeletDir, uid } = opened;
  const volume: Volume = {
    name: 'v',
    azureDisk: { diskName: 'd', diskURI, kind: 'Managed', fsType: 'ext4' },
  };
  const inlineDisk = inlineCsiVolume(volume, 'default');
  const context = { ...opened.context, ...(inlineDisk ? { inline: inlineDisk } : {}) };
  const device = await plugin.devices?.deviceOf(context, volume);
  assert.equal(device, `${name}/${sha256(diskURI)}`);
  await plugin.devices?.mount(context, volume, `${name}/${sha256(diskURI)}`);
  const path = await plugin.setUp(context, volume);
  assert.equal(path, `${kubeletDir}/pods/${uid}/volumes/kubernetes.io~csi/~subscriptions~s~disks~d/mount`);
  const [staged, published] = driver.calls.filter(({ method }) => method !== 'NodeGetCapabilities');
  assert.deepEqual([staged?.method, published?.method], ['NodeStageVolume', 'NodePublishVolume']);
  for (const { request } of [staged!, published!]) {
    assert.equal(request['volumeId'], diskURI);
    assert.deepEqual(request['volumeContext'], { kind: 'Managed', fstype: 'ext4' });
  }

  const [found] = await plugin.find(context);
  assert.deepEqual(found?.device, device);
  await plugin.tearDown(found!);
  await plugin.devices?.unmount(context, device!);
  assert.deepEqual(driver.methods().slice(2), ['NodeUnpublishVolume', 'NodeUnstageVolume']);
  assert.deepEqual(await plugin.find(context), []);
});

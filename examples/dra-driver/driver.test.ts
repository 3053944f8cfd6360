/** The driver over its sockets, with a cluster in this process and folders of the test's own. */

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { CoreV1Api, KubeConfig, ResourceV1Api } from '@kubernetes/client-node';
import { startCluster } from 'kybern/testing';
import { driverName, startDriver } from './driver.ts';
import { connect, type Message } from './protocol/service.ts';

const namespace = 'default';
const device = { driver: driverName, request: 'board' };

async function open(t: TestContext) {
  const dir = await mkdtemp('/tmp/boards-dra-');
  const cluster = await startCluster({ simulatedNodes: 1 });
  const config = new KubeConfig();
  config.loadFromString(cluster.kubeconfig);
  const api = config.makeApiClient(ResourceV1Api);
  const [node] = (await config.makeApiClient(CoreV1Api).listNode()).items;
  const nodeName = node?.metadata?.name ?? '';
  const options = {
    config,
    nodeName,
    socketPath: `${dir}/dra.sock`,
    kubeletSocketPath: '/var/lib/kubelet/plugins/boards.example.com/dra.sock',
    registryDir: `${dir}/registry`,
    cdiDir: `${dir}/cdi`,
    boardsDir: `${dir}/boards`,
    boardCount: 2,
    log: () => undefined,
  };
  await mkdir(options.registryDir);
  const stop = await startDriver(options);
  const driver = connect(options.socketPath);
  t.after(async () => {
    driver.close();
    await stop();
    await cluster[Symbol.asyncDispose]();
    await rm(dir, { recursive: true });
  });
  /** A claim that the scheduler allocated `devices` for. */
  const allocated = async (name: string, ...devices: Message[]) => {
    const requests = [{ name: 'board', exactly: { deviceClassName: 'board' } }];
    const body = { metadata: { name }, spec: { devices: { requests } } };
    const claim = await api.createNamespacedResourceClaim({ namespace, body });
    const results = devices.map((more) => ({ ...device, pool: nodeName, ...more }) as never);
    const status = { allocation: { devices: { results } } };
    await api.replaceNamespacedResourceClaimStatus({ namespace, name, body: { ...claim, status } });
    return { namespace, name, uid: claim.metadata?.uid ?? '' };
  };
  const cdi = async () => {
    const files = (await readdir(options.cdiDir).catch(() => [])).sort();
    return Promise.all(
      files.map(async (file) => JSON.parse(await readFile(`${options.cdiDir}/${file}`, 'utf8'))),
    );
  };
  return { dir, api, driver, nodeName, allocated, cdi };
}

async function eventually<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 500; tries++) {
    const found = await look();
    if (found !== undefined) return found;
    await delay(10);
  }
  return assert.fail(`it did not come about: ${what}`);
}

test('a claim – prepared twice, then unprepared twice – has a CDI file meanwhile', async (t) => {
  const { dir, driver, nodeName, allocated, cdi } = await open(t);
  const other = { driver: 'other.example.com', device: 'x' };
  const claim = await allocated('c', { device: 'board-1' }, other);
  const cdiId = `boards.example.com/board=${claim.uid}-board-1`;
  for (let round = 0; round < 2; round++) {
    const { claims } = await driver.call('DRAPlugin', 'NodePrepareResources', { claims: [claim] });
    const prepared = {
      requestNames: ['board'],
      poolName: nodeName,
      deviceName: 'board-1',
      cdiDeviceIds: [cdiId],
    };
    assert.deepEqual(claims, { [claim.uid]: { devices: [prepared], error: '' } });
  }
  const mount = {
    hostPath: `${dir}/boards/board-1`,
    containerPath: '/boards/board-1',
    options: ['ro', 'bind'],
  };
  const containerEdits = { env: ['BOARD_1=serial-1'], mounts: [mount] };
  assert.deepEqual(await cdi(), [
    {
      cdiVersion: '0.5.0',
      kind: 'boards.example.com/board',
      devices: [{ name: `${claim.uid}-board-1`, containerEdits }],
    },
  ]);
  for (let round = 0; round < 2; round++) {
    const answer = await driver.call('DRAPlugin', 'NodeUnprepareResources', { claims: [claim] });
    assert.deepEqual(answer, { claims: { [claim.uid]: { error: '' } } });
  }
  assert.deepEqual(await cdi(), []);
});

test('claims – some cannot be prepared – get their reasons, the others their devices', async (t) => {
  const { driver, allocated, cdi } = await open(t);
  const good = await allocated('good', { device: 'board-0' });
  const missing = await allocated('missing', { device: 'board-7' });
  const replaced = { ...(await allocated('replaced', { device: 'board-1' })), uid: 'old' };
  const unknown = { namespace, name: 'unknown', uid: 'u' };
  const claims = [missing, replaced, unknown, good];
  const answer = await driver.call('DRAPlugin', 'NodePrepareResources', { claims });
  assert.equal(answer['claims'][missing.uid].error, 'there is no board board-7');
  assert.equal(answer['claims']['old'].error, 'claim default/replaced was replaced');
  assert.match(answer['claims']['u'].error, /"unknown" not found/);
  assert.equal(answer['claims'][good.uid].error, '');
  assert.equal((await cdi()).length, 1);
});

test('the devices – their slices are deleted – are published again', async (t) => {
  const { api, nodeName } = await open(t);
  const published = () => eventually('slices', async () => (await api.listResourceSlice()).items.at(0));
  const { metadata, spec } = await published();
  assert.deepEqual([spec.driver, spec.nodeName, spec.pool.name], [driverName, nodeName, nodeName]);
  assert.deepEqual(
    spec.devices?.map(({ name }) => name),
    ['board-0', 'board-1'],
  );
  const fieldSelector = `spec.nodeName=${nodeName}`;
  await api.deleteCollectionResourceSlice({ fieldSelector });
  const again = await published();
  assert.notEqual(again.metadata?.uid, metadata?.uid);
});

test('the kubelet – looks at the registration socket – learns name, socket and services', async (t) => {
  const { dir } = await open(t);
  const registrar = connect(`${dir}/registry/${driverName}-reg.sock`);
  t.after(() => registrar.close());
  assert.deepEqual(await registrar.call('Registration', 'GetInfo', {}), {
    type: 'DRAPlugin',
    name: driverName,
    endpoint: '/var/lib/kubelet/plugins/boards.example.com/dra.sock',
    supportedVersions: ['v1.DRAPlugin', 'v1alpha1.DRAResourceHealth'],
  });
});

test('a board – that breaks – is reported as unhealthy, with what is wrong', async (t) => {
  const { dir, driver } = await open(t);
  const healths: string[] = [];
  for await (const { devices } of driver.stream('DRAResourceHealth', 'NodeWatchResources', {})) {
    const { device, health, message } = devices.find((each: Message) => each.device.deviceName === 'board-0');
    healths.push(`${device.deviceName} ${health} ${message}`.trim());
    if (health === 'UNHEALTHY') break;
    await writeFile(`${dir}/boards/board-0.broken`, 'smoke\n');
  }
  assert.deepEqual([healths[0], healths.at(-1)], ['board-0 HEALTHY', 'board-0 UNHEALTHY smoke']);
});

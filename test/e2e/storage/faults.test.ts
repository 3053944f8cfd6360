/**
 * Faults of storage on a real node whose data folder is a small disk of its own: hundreds of mounts left by a kill, drivers
 * that answer nonsense or nothing at all after they have registered, and a disk that runs full.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Volume } from '#api/generated/types.gen.ts';
import { currentMounts } from '#host/kernel/mount-info.ts';
import { TestDriver } from '#testing/kubelet/csi-driver.ts';
import { type Answer, nonsense } from '#testing/kubelet/plugin-server.ts';
import { eventually, kubectl, kybern, startTestCluster, tryKubectl } from '../../support/cluster.ts';
import { addBusybox } from '../../support/images.ts';

const name = 'faults';
const image = 'kybern.test/busybox:1';
/** Short: sockets lie below it. */
const disk = mkdtempSync(join(tmpdir(), 'kd-'));
let cluster: Awaited<ReturnType<typeof startTestCluster>>;
const k = (...args: string[]) => kubectl(cluster, args);
const kubeletDir = () => join(cluster.home, 'clusters', name, 'node/kubelet');

/** No evictions: what is tested is the disk itself. */
const configuration = `
apiVersion: kybern.dev/v1
kind: ClusterConfiguration
kubelet: { evictionHard: {} }
`;

before(async () => {
  execFileSync('truncate', ['-s', '512M', `${disk}/image`]);
  execFileSync('mkfs.ext4', ['-q', '-m', '0', `${disk}/image`]);
  mkdirSync(`${disk}/fs`);
  execFileSync('mount', ['-o', 'loop', `${disk}/image`, `${disk}/fs`]);
  writeFileSync(`${disk}/cluster.yaml`, configuration);
  const usual = process.env['TMPDIR'];
  process.env['TMPDIR'] = `${disk}/fs`;
  cluster = await startTestCluster(['--config', `${disk}/cluster.yaml`], name);
  if (usual === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = usual;
  await addBusybox(cluster, image);
});
after(async () => {
  await cluster?.dispose();
  execFileSync('umount', [`${disk}/fs`]);
  rmSync(disk, { recursive: true });
});

interface PodTraits {
  readonly volumes: readonly Volume[];
  readonly mounts?: readonly object[];
}

function podOf(podName: string, { volumes, mounts = [] }: PodTraits): object {
  const volumeMounts = [
    ...volumes.map((volume) => ({ name: volume.name, mountPath: `/${volume.name}` })),
    ...mounts,
  ];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: podName, labels: { app: podName.replace(/-\d+$/, '') } },
    spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'main', image, volumeMounts }], volumes },
  };
}

async function apply(...items: object[]): Promise<void> {
  await kubectl(cluster, ['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
}

const isReady = (pod: string) => k('wait', `pod/${pod}`, '--for=condition=Ready', '--timeout=60s');

/** Of pods, with those of their containers' volumes. */
async function podMounts(): Promise<string[]> {
  const paths = (await currentMounts()).map(({ path }) => path);
  return paths.filter((path) => path.startsWith(`${kubeletDir()}/pods/`));
}

test('hundreds of mounts – of pods that are deleted while kybern is killed – are gone after the start, and new pods run meanwhile', async (t) => {
  const kinds = {
    volumes: [
      ...['a', 'b', 'c', 'd', 'e'].map((volume) => ({ name: volume, emptyDir: { medium: 'Memory' } })),
      { name: 'disk', emptyDir: {} },
      { name: 'host', hostPath: { path: '/etc' } },
      { name: 'config', configMap: { name: 'kube-root-ca.crt' } },
    ],
    mounts: ['f', 'g', 'h', 'i', 'j'].map((part) => ({ name: 'disk', mountPath: `/${part}`, subPath: part })),
  };
  const count = 20;
  await apply(...Array.from({ length: count }, (_, index) => podOf(`left-${index}`, kinds)));
  await k('wait', 'pods', '-l', 'app=left', '--for=condition=Ready', '--timeout=90s');
  assert.equal((await podMounts()).length, 10 * count);
  const { pid } = JSON.parse(
    readFileSync(join(cluster.home, 'clusters', name, 'state.json'), 'utf8'),
  ).process;
  await k('delete', 'pods', '-l', 'app=left', '--force', '--grace-period=0', '--wait=false');
  process.kill(pid, 'SIGKILL');
  assert.ok((await podMounts()).length > 100);
  await kybern(cluster, ['up', '--name', name]);
  const startMs = performance.now();
  await apply(podOf('fresh', { volumes: [{ name: 'memory', emptyDir: { medium: 'Memory' } }] }));
  await isReady('fresh');
  t.diagnostic(`a new pod is ready after ${Math.round(performance.now() - startMs)} ms`);
  await eventually('the mounts of one pod are left', async () => (await podMounts()).length === 1);
  t.diagnostic(`the mounts are gone after ${Math.round(performance.now() - startMs)} ms`);
  await eventually('the folders are gone', () => readdirSync(`${kubeletDir()}/pods`).length === 1);
});

test('drivers – that answer nonsense, or nothing, once they are registered – keep no other pod from its volumes', async (t) => {
  const hang: Answer = () => new Promise(() => undefined);
  const drivers = [
    new TestDriver(kubeletDir(), {
      name: 'nonsense.test',
      answers: { NodePublishVolume: () => nonsense },
    }),
    new TestDriver(kubeletDir(), { name: 'mute.test', answers: { NodeGetCapabilities: () => nonsense } }),
    new TestDriver(kubeletDir(), { name: 'hangs.test', answers: { NodePublishVolume: hang } }),
    new TestDriver(kubeletDir(), { name: 'good.test' }),
  ];
  for (const driver of drivers) {
    await driver.serve(t);
    await driver.serveRegistration(t);
    await eventually('the driver is registered', () => driver.statuses.length > 0);
  }
  const spec = { attachRequired: false, volumeLifecycleModes: ['Ephemeral'] };
  const objects = drivers.map(({ name: driver }) => ({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSIDriver',
    metadata: { name: driver },
    spec,
  }));
  const inline = ({ name: driver }: TestDriver) => {
    const [short = ''] = driver.split('.');
    return podOf(short, { volumes: [{ name: 'v', csi: { driver } }] });
  };
  await apply(...objects, ...drivers.map(inline));
  await isReady('good');
  for (const [pod, why] of [
    ['nonsense', /MountVolume\.SetUp failed for volume "v" : rpc error: code = Internal /],
    ['mute', /MountVolume\.SetUp failed for volume "v" : rpc error: code = Internal /],
  ] as const) {
    const messages = ['get', 'events', '--field-selector', `involvedObject.name=${pod},reason=FailedMount`];
    await eventually(`the event of ${pod}`, async () => {
      assert.match(await k(...messages, '-o', 'jsonpath={.items[*].message}'), why);
    });
  }
  await eventually('the driver hangs', () => drivers[2]?.methods().includes('NodePublishVolume') === true);
  await apply(podOf('later', { volumes: [{ name: 'memory', emptyDir: { medium: 'Memory' } }] }));
  await isReady('later');
  assert.equal(await k('get', 'pod', 'hangs', '-o', 'jsonpath={.status.phase}'), 'Pending');
  await k('delete', 'pods', 'nonsense', 'later', 'good', '--timeout=60s');
  await k('delete', 'pods', 'mute', 'hangs', '--force', '--grace-period=0');
});

test('the disk of the data folder – full – refuses writes in plain words, ends no container, and all works when there is room', async () => {
  const filler = join(cluster.home, 'filler');
  const container = () =>
    k('get', 'pod', 'fresh', '-o', 'jsonpath={.status.containerStatuses[0].containerID}');
  const id = await container();
  const write = (index: number) =>
    tryKubectl(cluster, [
      'create',
      'configmap',
      `written-${index}`,
      `--from-literal=a=${'x'.repeat(100_000)}`,
    ]);
  execFileSync('sh', ['-c', `dd if=/dev/zero of=${filler} bs=1M 2>/dev/null; sync; true`]);
  let refusal = '';
  for (let index = 0; index < 50 && refusal === ''; index++) refusal = (await write(index)).stderr;
  assert.match(refusal, /the store is full: free disk space and try again; nothing was written/);
  assert.equal(await container(), id);
  rmSync(filler);
  await eventually('writes are taken again', async () => (await write(100)).code === 0);
  await apply(podOf('after', { volumes: [{ name: 'memory', emptyDir: { medium: 'Memory' } }] }));
  await isReady('after');
  assert.equal(await container(), id);
});

/** The volumes of pods over restarts of the kubelet, on a real file system. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { type TestContext, test } from 'node:test';
import type { Stored } from '#api/meta/object.ts';
import { silentLog } from '#base/log.ts';
import { mountTmpfs, unmountUnder } from '#host/kernel/mounts.ts';
import { systemRandom } from '#host/system-env.ts';
import { storedMetadata } from '#testing/objects.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import type { ObjectSource } from '../pod/objects/object-source.ts';
import type { NodePod } from '../pod/pod.ts';
import { SetupError } from '../runtime/machine.ts';
import { volumePlugins } from '../volumes/plugins.ts';
import type { VolumePlugin } from '../volumes/volume.ts';
import { PodPaths } from './pod-paths.ts';
import { PodVolumes, type VolumeTools } from './pod-volumes.ts';

const mounting = (...names: string[]) => [
  { name: 'main', volumeMounts: names.map((name) => ({ name, mountPath: `/${name}` })) },
];

const pod: NodePod = {
  metadata: storedMetadata('p', { namespace: 'default', uid: 'u' }),
  spec: {
    containers: mounting('config', 'keys', 'scratch'),
    volumes: [
      { name: 'config', configMap: { name: 'c' } },
      { name: 'keys', secret: { secretName: 's' } },
      { name: 'scratch', emptyDir: { medium: 'Memory' } },
    ],
  },
};

function setUp(t: TestContext, plugins: readonly VolumePlugin[] = volumePlugins) {
  const dir = mkdtempSync(`${tmpdir()}/kybern-volumes-`);
  t.after(async () => {
    await unmountUnder(dir);
    rmSync(dir, { recursive: true });
  });
  const stored = new Map<string, Stored<object>>([
    ['c', { metadata: storedMetadata('c'), data: { a: 'config' } } as Stored<object>],
    ['s', { metadata: storedMetadata('s'), data: { b: 'c2VjcmV0' } } as Stored<object>],
  ]);
  const objects = { get: async (_: unknown, __: string, name: string) => stored.get(name) };
  const tools = {
    env: { clock: new VirtualClock(), random: systemRandom, log: silentLog },
    objects: objects as unknown as ObjectSource,
    tokens: { forget: () => undefined },
    nodeIp: '127.0.0.1',
    allocatable: { memory: '1Gi' },
    plugins,
    events: { event: () => undefined },
  } as unknown as VolumeTools;
  const paths = new PodPaths(dir);
  return { paths, stored, startKubelet: () => new PodVolumes(tools, paths) };
}

test('volumes – the kubelet starts again and their sources are gone – a pod keeps the files it has', async (t) => {
  const { stored, startKubelet } = setUp(t);
  const before = startKubelet();
  await before.setUp(pod);
  stored.clear();
  const after = startKubelet();
  await after.setUp(pod);
  assert.deepEqual(after.of('u'), before.of('u'));
  assert.equal(readFileSync(`${after.of('u').get('keys')?.path}/b`, 'utf8'), 'secret');
});

test('volumes – a new pod whose source is missing – its setting up fails, also after a restart', async (t) => {
  const { stored, startKubelet } = setUp(t);
  stored.delete('s');
  const message = 'MountVolume.SetUp failed for volume "keys" : secret "s" not found';
  await assert.rejects(startKubelet().setUp(pod), new SetupError('FailedMount', message));
  await assert.rejects(startKubelet().setUp(pod), new SetupError('FailedMount', message));
});

test('volumes – of a pod that only an earlier kubelet knew – are taken down, mounts and all', async (t) => {
  const { paths, startKubelet } = setUp(t);
  const old = `${paths.volumes('u')}/kubernetes.io~secret/keys`;
  mkdirSync(old, { recursive: true });
  await mountTmpfs(old);
  const before = startKubelet();
  await before.setUp(pod);
  assert.equal(before.of('u').get('keys')?.path, old);
  const places = [...before.of('u').values()].map(({ path }) => path);
  await startKubelet().tearDown('u');
  assert.deepEqual(
    places.filter((path) => existsSync(path)),
    [],
  );
});

test('volumes – a container mounted something in an emptyDir – is unmounted, and keeps what it has', async (t) => {
  const { paths, startKubelet } = setUp(t);
  const volumes = startKubelet();
  await volumes.setUp({
    ...pod,
    spec: { containers: mounting('shared'), volumes: [{ name: 'shared', emptyDir: {} }] },
  });
  const path = volumes.of('u').get('shared')!.path;
  const [outside, inside] = [`${paths.pods}/outside`, `${path}/inside`];
  for (const dir of [outside, inside]) mkdirSync(dir);
  writeFileSync(`${outside}/kept`, '');
  execFileSync('mount', ['--bind', outside, inside]);
  await volumes.tearDown('u');
  assert.deepEqual([existsSync(path), existsSync(`${outside}/kept`)], [false, true]);
});

/** Of folders in place of a driver's volumes. */
const folders: VolumePlugin = {
  name: 'csi',
  claimField: 'csi',
  driverOf: ({ inline }) => inline?.spec.csi.driver ?? '',
  async setUp({ volumesDir, inline }) {
    const path = `${volumesDir}/${inline?.spec.csi.volumeHandle}`;
    mkdirSync(path, { recursive: true });
    return path;
  },
  async find({ volumesDir }) {
    const driver = 'ebs.csi.aws.com';
    return existsSync(volumesDir)
      ? readdirSync(volumesDir).map((name) => ({ name, path: `${volumesDir}/${name}`, driver }))
      : [];
  },
  tearDown: async ({ path }) => rmSync(path, { recursive: true }),
};

test('volumes – a cloud’s disk – is its driver’s, and measured as migrated while the kubelet knows it', async (t) => {
  const { startKubelet } = setUp(t, [folders]);
  const disk = { name: 'disk', awsElasticBlockStore: { volumeID: 'vol-1' } };
  const spec = { containers: mounting('disk'), volumes: [disk] };
  const volumes = startKubelet();
  await volumes.setUp({ ...pod, spec });
  await volumes.tearDown('u');
  await volumes.setUp({ ...pod, spec });
  const next = startKubelet();
  await next.tearDown('u');
  const operations = ({ metrics }: PodVolumes) =>
    [...metrics[0]!.readings()].map(([{ volume_plugin, operation_name, migrated } = {}]) =>
      [volume_plugin, operation_name, migrated].join(' '),
    );
  const plugin = 'kubernetes.io/csi:ebs.csi.aws.com';
  assert.deepEqual(operations(volumes), [`${plugin} volume_mount true`, `${plugin} volume_unmount true`]);
  assert.deepEqual(operations(next), [`${plugin} volume_unmount false`]);
});

test('volumes – a cloud’s disk with a wrong id – keep the pod waiting with the reason', async (t) => {
  const { startKubelet } = setUp(t, [folders]);
  const disk = { name: 'disk', awsElasticBlockStore: { volumeID: 'aws://a/1' } };
  const spec = { containers: mounting('disk'), volumes: [disk] };
  const why =
    'failed to translate in-tree pv to CSI: failed to translate Kubernetes ID to EBS Volume ID Invalid format for AWS volume (aws://a/1)';
  const lists = 'unmounted volumes=[disk], unattached volumes=[], failed to process volumes=[disk]';
  const message = `Unable to attach or mount volumes: ${lists}: ${why}`;
  await assert.rejects(startKubelet().setUp({ ...pod, spec }), new SetupError('FailedMount', message));
});

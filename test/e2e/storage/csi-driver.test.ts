/**
 * The CSI driver of `examples/csi-driver` on a real node, as its manifests deploy it: registered with the kubelet, under
 * a StatefulSet, inline in a pod, killed and back.
 */

import assert from 'node:assert/strict';
import { rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  eventually,
  kubectl,
  kybern,
  repository,
  startTestCluster,
  tryKubectl,
} from '../../support/cluster.ts';
import { addExample } from '../../support/example-image.ts';
import { addBusybox } from '../../support/images.ts';

const example = join(repository, 'examples/csi-driver');
const manifest = (name: string) => join(example, 'manifests', `${name}.yaml`);
const driverName = 'folders.csi.example.com';
let cluster: Awaited<ReturnType<typeof startTestCluster>>;
const k = (...args: string[]) => kubectl(cluster, args);
/** Does not wait: where its StatefulSet makes the pod again at once, kubectl may wait for the end of the new one. */
const deletePods = (...pods: string[]) => k('delete', 'pod', ...pods, '--wait=false');
const inSystem = (...args: string[]) => k('-n', 'folders-csi', ...args);
const starts = async (pod: string) =>
  (await k('exec', pod, '--', 'cat', '/data/starts')).trim().split('\n').length;

before(async () => {
  cluster = await startTestCluster([], 'csi-driver');
  await addExample(cluster, 'csi-driver', {
    ref: 'folders-csi:1',
    folder: 'driver',
    programs: ['/usr/bin/mount', '/usr/bin/umount'],
  });
  await addBusybox(cluster, 'busybox:1');
  await k('apply', '-f', manifest('driver'));
  await inSystem('rollout', 'status', 'daemonset/folders-csi', '--timeout=120s');
});
after(async () => {
  await cluster?.dispose();
  await rm('/var/lib/folders-csi', { recursive: true, force: true });
});

test('a driver – registered over its socket – is in CSINode, with its topology on the Node', async () => {
  const drivers = ['get', 'csinodes', '-o', 'jsonpath={.items[0].spec.drivers}'];
  await eventually('the driver in CSINode', async () => (await k(...drivers)).includes(driverName));
  const [driver] = JSON.parse(await k(...drivers));
  assert.deepEqual(driver.topologyKeys, [`${driverName}/node`]);
  assert.deepEqual(driver.allocatable, { count: 100 });
  assert.equal(
    await k('get', 'nodes', '-o', `jsonpath={.items[0].metadata.labels.folders\\.csi\\.example\\.com/node}`),
    driver.nodeID,
  );
});

test('a StatefulSet – its pods are deleted – finds its volumes again, attached, for its group', async () => {
  await k('apply', '-f', manifest('counter'));
  await k('rollout', 'status', 'statefulset/counter', '--timeout=120s');
  assert.equal(await starts('counter-0'), 1);
  const events = await k('get', 'events', '-o', 'jsonpath={range .items[*]}{.reason}{"\\n"}{end}');
  assert.match(events, /SuccessfulAttachVolume/);
  const inUse = await k(
    'get',
    'nodes',
    '-o',
    'jsonpath={.items[0].status.volumesInUse} {.items[0].status.volumesAttached[*].name}',
  );
  assert.equal(inUse.match(/kubernetes.io\/csi\/folders.csi.example.com\^pvc-/g)?.length, 4);
  assert.match(await k('exec', 'counter-0', '--', 'stat', '-c', '%g %a', '/data'), /^2000 2?77\d/);
  await deletePods('counter-0', 'counter-1');
  await k('rollout', 'status', 'statefulset/counter', '--timeout=120s');
  await eventually('the second start', async () => (await starts('counter-0')) === 2);
  await eventually('that of the other pod', async () => (await starts('counter-1')) === 2);
});

test('a driver – killed and started again – serves the volumes that are there, and new ones', async () => {
  await inSystem('delete', 'pod', '-l', 'app=folders-csi', '--grace-period=0', '--force');
  await inSystem('rollout', 'status', 'daemonset/folders-csi', '--timeout=120s');
  assert.equal(await starts('counter-0'), 2);
  await deletePods('counter-0');
  await k('rollout', 'status', 'statefulset/counter', '--timeout=120s');
  await eventually('the third start', async () => (await starts('counter-0')) === 3);
});

test('kybern – down and up – pods run on, their volumes are in use, and are taken down later', async () => {
  const inUse = ['get', 'nodes', '-o', 'jsonpath={.items[0].status.volumesInUse}'];
  const before = await k(...inUse);
  await kybern(cluster, ['down', '--name', cluster.name]);
  await kybern(cluster, ['up', '--name', cluster.name]);
  await eventually('volumes in use', async () => (await k(...inUse)) === before);
  assert.equal(await starts('counter-0'), 3);
  const drivers = ['get', 'csinodes', '-o', 'jsonpath={.items[0].spec.drivers[*].name}'];
  await eventually('the driver in CSINode', async () => (await k(...drivers)) === driverName);
  await deletePods('counter-0');
  await k('rollout', 'status', 'statefulset/counter', '--timeout=120s');
  await eventually('the fourth start', async () => (await starts('counter-0')) === 4);
});

test('an inline volume – of a pod that ends – is gone with it', async () => {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'inline' },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: 'main',
          image: 'busybox:1',
          command: ['sh', '-c', 'echo here > /data/file; sleep 1000000'],
          volumeMounts: [{ name: 'data', mountPath: '/data' }],
        },
      ],
      volumes: [{ name: 'data', csi: { driver: driverName } }],
    },
  };
  await kubectl(cluster, ['apply', '-f', '-'], JSON.stringify(pod));
  await k('wait', 'pod/inline', '--for=condition=Ready', '--timeout=60s');
  assert.equal(await k('exec', 'inline', '--', 'cat', '/data/file'), 'here\n');
  await k('delete', 'pod', 'inline');
});

test('a volume – in the stats of the node – has the size and use that its driver reports', async () => {
  const node = await k('get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}');
  const raw = (path: string) => k('get', '--raw', `/api/v1/nodes/${node}/proxy/${path}`);
  interface Stats {
    readonly pvcRef?: { readonly name: string };
    readonly capacityBytes: number;
    readonly usedBytes: number;
  }
  const { pods } = JSON.parse(await raw('stats/summary')) as { pods: { volume?: Stats[] }[] };
  const volume = pods
    .flatMap((pod) => pod.volume ?? [])
    .find(({ pvcRef }) => pvcRef?.name === 'data-counter-0');
  const { blocks, bsize } = await statfs('/var/lib');
  assert.equal(volume?.capacityBytes, blocks * bsize);
  const metric =
    /kubelet_volume_stats_used_bytes\{namespace="default",persistentvolumeclaim="data-counter-0"\} (\S+)/;
  const [, used] = metric.exec(await raw('metrics')) ?? [];
  assert.equal(Number(used), volume.usedBytes);
});

test('a claim – asks for more – has a larger volume, after the controller’s part and the node’s', async () => {
  const patch = '{"spec":{"resources":{"requests":{"storage":"3Mi"}}}}';
  await k('patch', 'pvc', 'data-counter-0', '-p', patch);
  const left = ['get', 'pvc', 'data-counter-0', '-o', 'jsonpath={.status.allocatedResourceStatuses.storage}'];
  await eventually('the rest is left to the node', async () => (await k(...left)) === 'NodeResizePending');
  // The kubelet looks at the claims of a running pod once a minute.
  await deletePods('counter-0');
  const capacity = ['get', 'pvc', 'data-counter-0', '-o', 'jsonpath={.status.capacity.storage}'];
  await eventually('the claim has grown', async () => (await k(...capacity)) === '3Mi');
  const status = await k('get', 'pvc', 'data-counter-0', '-o', 'jsonpath={.status}');
  assert.doesNotMatch(status, /Resiz/);
  const reasons = ['get', 'events', '--field-selector', 'involvedObject.name=data-counter-0'];
  const recorded = await k(...reasons, '-o', 'jsonpath={.items[*].reason}');
  for (const reason of ['Resizing', 'FileSystemResizeRequired', 'FileSystemResizeSuccessful']) {
    assert.ok(recorded.includes(reason), `${reason} among ${recorded}`);
  }
});

test('a StatefulSet that is removed – with its claims – leaves no volume, no attachment and no mount', async () => {
  await k('delete', '-f', manifest('counter'));
  await k('delete', 'pvc', '--all', '--timeout=60s');
  await eventually('no volumes', async () => (await k('get', 'pv,volumeattachments', '-o', 'name')) === '');
  const inUse = [
    'get',
    'nodes',
    '-o',
    'jsonpath={.items[0].status.volumesInUse}{.items[0].status.volumesAttached}',
  ];
  await eventually('nothing in use', async () => (await k(...inUse)).replace('[]', '') === '');
});

test('a driver – removed – is in CSINode no more', async () => {
  await k('delete', '-f', manifest('driver'));
  const drivers = ['get', 'csinodes', '-o', 'jsonpath={.items[0].spec.drivers}'];
  await eventually('no driver', async () => !(await k(...drivers)).includes(driverName));
  assert.equal((await tryKubectl(cluster, ['get', 'ns', 'folders-csi'])).code === 0, false);
});

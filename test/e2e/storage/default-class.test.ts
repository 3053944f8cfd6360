/** Claims of the default class on a real node: a StatefulSet loses nothing, whatever is done to it and to kybern. */

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { eventually, kubectl, kybern, startTestCluster, type TestCluster } from '../../support/cluster.ts';
import { addBusybox } from '../../support/images.ts';

let cluster: TestCluster & { dispose(): Promise<void> };
let storage: string;

before(async () => {
  storage = mkdtempSync(join(tmpdir(), 'kybern-storage-'));
  cluster = await startTestCluster(['--storage-path', storage]);
  await addBusybox(cluster, 'kybern.test/busybox:1');
});

after(async () => {
  await cluster.dispose();
  rmSync(storage, { recursive: true });
});

/** Each life of a pod adds a line to its file, as a user that is not root. */
const database = (release: string) => `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  replicas: 2
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db, release: "${release}"}}
    spec:
      terminationGracePeriodSeconds: 0
      securityContext: {runAsUser: 1000, runAsGroup: 1000, fsGroup: 2000}
      containers:
      - name: main
        image: kybern.test/busybox:1
        command: [/bin/busybox, sh, -c, "echo $HOSTNAME >> /data/lives; exec /bin/busybox sleep 100000"]
        volumeMounts: [{name: data, mountPath: /data}]
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 64Mi}}}
`;

const readiness = '{.items[*].status.conditions[?(@.type=="Ready")].status}';

/** The set's status may be older than the deletion of a pod: the pods themselves are asked, too. */
async function rollout(): Promise<void> {
  await kubectl(cluster, ['rollout', 'status', 'statefulset/db', '--timeout=60s']);
  await eventually('both pods are ready', async () => {
    const ready = await kubectl(cluster, ['get', 'pods', '-l', 'app=db', '-o', `jsonpath=${readiness}`]);
    return ready === 'True True';
  });
}

const exec = (pod: string, ...command: string[]) =>
  kubectl(cluster, ['exec', pod, '--', '/bin/busybox', ...command]);

/** How many lives the file of each pod has, by its containers and on the disk. */
async function lives(): Promise<number[]> {
  const texts = await Promise.all(['db-0', 'db-1'].map((pod) => exec(pod, 'cat', '/data/lives')));
  const onDisk = readdirSync(storage).map((name) => readFileSync(join(storage, name, 'lives'), 'utf8'));
  assert.deepEqual(texts.toSorted(), onDisk.toSorted());
  assert.deepEqual(
    texts.map((text) => new Set(text.trim().split('\n'))),
    [new Set(['db-0']), new Set(['db-1'])],
  );
  return texts.map((text) => text.trim().split('\n').length);
}

/** A rollout may look done before the deletion of a pod has reached its status. */
function haveLived(expected: number[]): Promise<void> {
  return eventually(`lives ${expected}`, async () => assert.deepEqual(await lives(), expected));
}

test('a StatefulSet – deleted, rolled, scaled, its cluster killed and stopped – keeps every file', async () => {
  await kubectl(cluster, ['apply', '-f', '-'], database('1'));
  await rollout();
  await haveLived([1, 1]);
  assert.equal((await exec('db-0', 'stat', '-c', '%u %g', '/data/lives')).trim(), '1000 2000');

  // Without a wait: kubectl may wait for the end of the pod that is made again.
  await kubectl(cluster, ['delete', 'pod', 'db-0', '--wait=false']);
  await rollout();
  await haveLived([2, 1]);

  await kubectl(cluster, ['apply', '-f', '-'], database('2'));
  await rollout();
  await haveLived([3, 2]);

  await kubectl(cluster, ['scale', 'statefulset/db', '--replicas=0']);
  await kubectl(cluster, ['wait', 'pod', '-l', 'app=db', '--for=delete', '--timeout=60s']);
  await kubectl(cluster, ['scale', 'statefulset/db', '--replicas=2']);
  await rollout();
  await haveLived([4, 3]);

  const { pid } = JSON.parse(await kybern(cluster, ['status', '--name', 'test', '-o', 'json']));
  process.kill(pid, 'SIGKILL');
  await kybern(cluster, ['up', '--name', 'test']);
  await rollout();
  await haveLived([4, 3]);
  await kybern(cluster, ['down', '--name', 'test']);
  await kybern(cluster, ['up', '--name', 'test']);
  await rollout();
  await haveLived([4, 3]);
  // What was mounted by an earlier process is unmounted by this one.
  await kubectl(cluster, ['delete', 'statefulset', 'db']);
  await kubectl(cluster, ['wait', 'pod', '-l', 'app=db', '--for=delete', '--timeout=60s']);
  assert.equal(readdirSync(storage).length, 2);
  await kubectl(cluster, ['delete', 'pvc', '--all']);
  await eventually('the folders are gone', () => readdirSync(storage).length === 0);
  await eventually('the volumes are gone', async () => (await kubectl(cluster, ['get', 'pv'])) === '');
});

const sized = `
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: sized}
provisioner: kybern.io/local-path
volumeBindingMode: WaitForFirstConsumer
allowVolumeExpansion: true
reclaimPolicy: Retain
parameters: {enforceSize: "true"}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: sized}
spec: {accessModes: [ReadWriteOnce], storageClassName: sized, resources: {requests: {storage: 8Mi}}}
---
apiVersion: v1
kind: Pod
metadata: {name: sized}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - name: main
    image: kybern.test/busybox:1
    command: [/bin/busybox, sleep, "100000"]
    volumeMounts: [{name: data, mountPath: /data}]
  volumes: [{name: data, persistentVolumeClaim: {claimName: sized}}]
`;

test('a claim – of a class that enforces sizes – is full at its size, grows, and its retained volume stays', async () => {
  await kubectl(cluster, ['apply', '-f', '-'], sized);
  await kubectl(cluster, ['wait', 'pod/sized', '--for=condition=Ready', '--timeout=60s']);
  await exec('sized', 'sh', '-c', 'echo kept > /data/kept');
  await assert.rejects(
    exec('sized', 'dd', 'if=/dev/zero', 'of=/data/large', 'bs=1M', 'count=16'),
    /No space left/,
  );
  const patch = '{"spec":{"resources":{"requests":{"storage":"32Mi"}}}}';
  await kubectl(cluster, ['patch', 'pvc', 'sized', '-p', patch]);
  await kubectl(cluster, ['delete', 'pod', 'sized']);
  const size = () => kubectl(cluster, ['get', 'pvc', 'sized', '-o', 'jsonpath={.status.capacity.storage}']);
  await eventually('the claim has grown', async () => (await size()) === '32Mi');
  await kubectl(cluster, ['delete', 'pvc', 'sized']);
  const phase = () => kubectl(cluster, ['get', 'pv', '-o', 'jsonpath={.items[*].status.phase}']);
  await eventually('the volume is released', async () => (await phase()) === 'Released');
  const [folder = ''] = readdirSync(storage);
  assert.ok(existsSync(join(storage, folder, 'mount/data/kept')));
});

const byHand = (path: string) => `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: by-hand}
spec: {storageClassName: "", accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}
---
apiVersion: v1
kind: Pod
metadata: {name: by-hand}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - name: main
    image: kybern.test/busybox:1
    command: [/bin/busybox, sh, -c, "echo kept > /data/kept; exec /bin/busybox sleep 100000"]
    volumeMounts: [{name: data, mountPath: /data}]
  volumes: [{name: data, persistentVolumeClaim: {claimName: by-hand}}]
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: by-hand}
spec:
  accessModes: [ReadWriteOnce]
  capacity: {storage: 2Mi}
  persistentVolumeReclaimPolicy: Delete
  hostPath: {path: ${path}, type: DirectoryOrCreate}
`;

test('a volume made by hand, to be deleted – bound, used, its claim deleted – takes its folder with it', async () => {
  const path = join('/tmp', `kybern-by-hand-${process.pid}`);
  await kubectl(cluster, ['apply', '-f', '-'], byHand(path));
  await kubectl(cluster, ['wait', 'pod/by-hand', '--for=condition=Ready', '--timeout=60s']);
  await eventually('the pod has written', () => existsSync(join(path, 'kept')));
  await kubectl(cluster, ['delete', 'pvc/by-hand', '--wait=false']);
  const protectedClaim = await kubectl(cluster, ['get', 'pvc/by-hand', '-o', 'jsonpath={.status.phase}']);
  assert.equal(protectedClaim, 'Bound');
  await kubectl(cluster, ['delete', 'pod/by-hand']);
  await kubectl(cluster, ['wait', 'pv/by-hand', '--for=delete', '--timeout=60s']);
  assert.equal(existsSync(path), false);
});

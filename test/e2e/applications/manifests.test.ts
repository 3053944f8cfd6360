/**
 * The manifests a user brings, unmodified, under stock kubectl; their effect checked inside the containers.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { eventually, kubectl, startTestCluster, tryKubectl } from '../../support/cluster.ts';
import { addBusybox, addNginx } from '../../support/images.ts';

const manifests = join(import.meta.dirname, 'manifests');
let cluster: Awaited<ReturnType<typeof startTestCluster>>;
const k = (...args: string[]) => kubectl(cluster, args);

before(async () => {
  cluster = await startTestCluster([], 'manifests');
  await addBusybox(cluster, 'tmkube/init');
  await addBusybox(cluster, 'k8s.gcr.io/busybox');
  await addNginx(cluster, 'nginx', 'hello from one\n');
  await addNginx(cluster, 'nginx:2', 'hello from two\n');
});
after(() => cluster?.dispose());

test('configmap-secret-pod – applied – has both in the environment of its container', async () => {
  await k('apply', '-f', join(manifests, 'configmap-secret-pod.yaml'));
  await k('wait', '--for=condition=Ready', 'pod/pod-1', '--timeout=60s');
  const env = await k('exec', 'pod-1', '--', 'env');
  assert.match(env, /^SSH=false$/m);
  assert.match(env, /^User=dev$/m);
  assert.match(env, /^Key=1234$/m);
});

test('game-volume – applied – ends Completed, and its log is the file', async () => {
  await k('apply', '-f', join(manifests, 'game-volume.yaml'));
  await eventually(
    'it ends',
    async () => (await k('get', 'pod', 'game-volume', '-o', 'jsonpath={.status.phase}')) === 'Succeeded',
  );
  assert.equal(await k('logs', 'game-volume'), 'enemies=aliens\nlives=3\n');
  assert.match(await k('get', 'pod', 'game-volume'), /Completed/);
});

test('node-selector – applied – is Pending until the node has the label', async () => {
  await k('apply', '-f', join(manifests, 'node-selector.yaml'));
  await eventually('the scheduler says why', async () =>
    /0\/1 nodes are available: 1 node\(s\) didn't match Pod's node affinity\/selector/.test(
      await k('describe', 'pod', 'node-selector'),
    ),
  );
  assert.match(await k('get', 'pod', 'node-selector'), /Pending/);
  await k('label', 'node', '--all', 'disktype=ssd');
  await k('wait', '--for=condition=Ready', 'pod/node-selector', '--timeout=60s');
});

test('web – applied – answers on node port and name, rolls out and back without a failed request, and heals', async (t) => {
  await k('apply', '-f', join(manifests, 'web.yaml'));
  await k('rollout', 'status', 'deployment/web', '--timeout=120s');
  await eventually('the node port answers', async () => (await get()).includes('one'));
  await k('wait', '--for=condition=Ready', 'pod/pod-1', '--timeout=60s');
  const byName = await eventually('the service answers by name', () =>
    k('exec', 'pod-1', '--', 'wget', '-q', '-O-', 'http://myservice'),
  );
  assert.equal(byName, 'hello from one\n');
  assert.equal(
    await k('exec', 'pod-1', '--', 'wget', '-q', '-O-', 'http://myservice.default.svc.cluster.local'),
    'hello from one\n',
  );
  assert.match(await k('get', 'ingress', 'web'), /example\.com/);

  const traffic = startTraffic();
  t.after(() => traffic.stop());
  await k('set', 'image', 'deployment/web', 'nginx=nginx:2');
  await k('rollout', 'status', 'deployment/web', '--timeout=120s');
  await eventually('the new version answers', async () => (await get()).includes('two'));
  await k('rollout', 'undo', 'deployment/web');
  await k('rollout', 'status', 'deployment/web', '--timeout=120s');
  await eventually('the old version answers again', async () => (await get()).includes('one'));
  const { count, failures } = await traffic.stop();
  assert.deepEqual(failures, [], `${failures.length} of ${count} requests failed`);
  assert.ok(count > 20);

  const names = (await k('get', 'pods', '-l', 'app=web', '-o', 'name')).trim().split('\n');
  await k('delete', '--wait=false', '--ignore-not-found', ...names);
  await k('rollout', 'status', 'deployment/web', '--timeout=120s');
  await eventually('three new pods are ready', async () => {
    const now = (await k('get', 'pods', '-l', 'app=web', '-o', 'name')).trim().split('\n');
    return now.length === 3 && now.every((name) => !names.includes(name));
  });
});

test('web – its containers are killed on the node – comes back', async () => {
  const pods = (await k('get', 'pods', '-l', 'app=web', '-o', 'name')).trim().split('\n');
  for (const pod of pods) await tryKubectl(cluster, ['exec', pod, '--', 'kill', '-9', '1']);
  for (const pod of pods) await k('exec', pod, '--', 'kill', '1').catch(() => undefined);
  await eventually('every container was started again and is ready', async () => {
    const list = JSON.parse(await k('get', 'pods', '-l', 'app=web', '-o', 'json')) as PodList;
    const statuses = list.items.flatMap((pod) => pod.status.containerStatuses);
    return statuses.length === 3 && statuses.every((status) => status.restartCount > 0 && status.ready);
  });
  assert.match(await get(), /one/);
});

interface PodList {
  items: { status: { containerStatuses: { restartCount: number; ready: boolean }[] } }[];
}

const nodePort = 32000;

function get(): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request(
      { host: '127.0.0.1', port: nodePort, path: '/', agent: false, timeout: 60_000 },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve(Buffer.concat(chunks).toString()));
      },
    );
    call.on('timeout', () => call.destroy(new Error('no answer in a minute')));
    call.on('error', reject);
    call.end();
  });
}

/** One request after the other until it is stopped. */
function startTraffic(): { stop(): Promise<{ count: number; failures: string[] }> } {
  let stopped = false;
  let count = 0;
  const failures: string[] = [];
  const loop = (async () => {
    while (!stopped) {
      count++;
      await get().then(
        (body) => body.startsWith('hello') || failures.push(body),
        (error: Error) => failures.push(error.message),
      );
    }
  })();
  return {
    async stop() {
      stopped = true;
      await loop;
      return { count, failures };
    },
  };
}

test('the manifest web – as it is applied – has the node port that these tests call', () => {
  assert.match(readFileSync(join(manifests, 'web.yaml'), 'utf8'), /nodePort: 32000/);
});

/** The load of a real node: through the metrics API and kubectl top, and at the kubelet’s own paths. */

import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { after, before, test } from 'node:test';
import { eventually, kubectl, startTestCluster, tryKubectl } from '../../support/cluster.ts';
import { addBusybox } from '../../support/images.ts';

const image = 'kybern.test/busybox:1';
const limitMs = 15_000;
/** Held there by its limit, whatever else the machine does. */
const busyMilliCpu = 200;
const milliCpuMin = 100;
const milliCpuMax = 260;
let cluster: Awaited<ReturnType<typeof startTestCluster>>;
const k = (...args: string[]) => kubectl(cluster, args);
const apply = (manifest: object) => kubectl(cluster, ['apply', '-f', '-'], JSON.stringify(manifest));
const raw = (path: string) => k('get', '--raw', `/api/v1/nodes/${hostname().toLowerCase()}/proxy/${path}`);

before(async () => {
  cluster = await startTestCluster([], 'metrics');
  await addBusybox(cluster, image);
  const container = (name: string, command: string) => ({
    name,
    image,
    command: ['/bin/sh', '-c', command],
    resources: { limits: { cpu: `${busyMilliCpu}m`, memory: '64Mi' } },
  });
  await apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'load', labels: { app: 'load' } },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [container('busy', 'while true; do :; done'), container('idle', 'sleep 1000000')],
      volumes: [{ name: 'scratch', emptyDir: {} }],
    },
  });
  await k('wait', '--for=condition=Ready', 'pod/load', '--timeout=60s');
});
after(() => cluster?.dispose());

/** Of `kubectl top pod --containers`: millicores by container. */
async function millicores(): Promise<Map<string, number>> {
  const lines = (await k('top', 'pod', 'load', '--containers', '--no-headers')).trim().split('\n');
  return new Map(
    lines.map((line) => {
      const [, name = '', cpu = ''] = line.trim().split(/\s+/);
      return [name, Number.parseInt(cpu, 10)];
    }),
  );
}

test('kubectl top – of a pod that has just started – is right within fifteen seconds', async () => {
  await eventually(
    'the use of the pod',
    async () => {
      const found = await millicores();
      const busy = found.get('busy') ?? 0;
      assert.ok(busy >= milliCpuMin && busy <= milliCpuMax, `busy: ${busy}m`);
      assert.ok((found.get('idle') ?? Number.NaN) < 10);
    },
    limitMs,
  );
  assert.match(await k('top', 'nodes', '--no-headers'), /^\S+\s+\d+m\s+\d+%\s+\d+Mi\s+\d+%/);
});

test('the kubelet’s own stats – of a pod with limits – have its processes, its network, its throttling', async () => {
  const lines = (await raw('metrics/cadvisor')).split('\n');
  const value = (start: string) =>
    Number(
      lines
        .find((line) => line.startsWith(start))
        ?.split(' ')
        .at(-2),
    );
  const series = (name: string, container: string) => `${name}{container="${container}",`;
  assert.ok(value(series('container_cpu_cfs_throttled_periods_total', 'busy')) > 0);
  assert.equal(value(series('container_processes', 'idle')), 1);
  const network = lines.find((line) => /^container_network_receive_bytes_total\{.*pod="load"/.test(line));
  assert.match(network ?? '', /container="".*interface="eth0".*namespace="default"/);
  const { node, pods } = JSON.parse(await raw('stats/summary'));
  assert.ok(node.fs.capacityBytes > 0 && node.rlimit.curproc > 0 && node.network.interfaces.length > 0);
  const pod = pods.find(({ podRef }: { podRef: { name: string } }) => podRef.name === 'load');
  assert.equal(pod.memory.availableBytes + pod.memory.workingSetBytes, 2 * 64 * 2 ** 20);
  assert.deepEqual(
    pod.volume.map(({ name }: { name: string }) => name),
    ['scratch'],
  );
  assert.ok(pod['ephemeral-storage'].usedBytes > 0 && pod.process_stats.process_count >= 3);
  const { kubeletconfig } = JSON.parse(await raw('configz'));
  assert.deepEqual([kubeletconfig.maxPods, kubeletconfig.cgroupDriver], [110, 'cgroupfs']);
});

test('the metrics API – when a user’s APIService names a service, and when it is deleted – gives way and comes back', async () => {
  const name = 'v1beta1.metrics.k8s.io';
  // As the manifest of metrics-server has it.
  await kubectl(
    cluster,
    ['create', '-f', '-'],
    JSON.stringify({
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name },
      spec: {
        service: { name: 'metrics-server', namespace: 'kube-system' },
        group: 'metrics.k8s.io',
        version: 'v1beta1',
        insecureSkipTLSVerify: true,
        groupPriorityMinimum: 100,
        versionPriority: 100,
      },
    }),
  );
  await eventually(
    'the absence of the other server',
    async () => {
      const { code, stderr } = await tryKubectl(cluster, ['top', 'nodes']);
      assert.notEqual(code, 0);
      assert.match(stderr, /Metrics API not available|unable to handle the request/);
    },
    limitMs,
  );
  await k('delete', 'apiservice', name);
  await eventually('the built-in metrics', async () => assert.ok((await millicores()).has('busy')), limitMs);
});

test('a container that ends – by its own exit code – is counted by the kubelet', async () => {
  await apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'ends' },
    spec: {
      restartPolicy: 'Never',
      containers: [{ name: 'main', image, command: ['/bin/sh', '-c', 'exit 139'] }],
    },
  });
  const counted =
    /^kubelet_terminated_containers_total\{container_type="container",exit_code="139",reason="Error"\} 1$/m;
  await eventually('the count', async () => assert.match(await raw('metrics'), counted), limitMs);
});

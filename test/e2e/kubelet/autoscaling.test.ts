/** A HorizontalPodAutoscaler on real use of cpu: a busy Deployment grows, and shrinks when it is idle. */

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { eventually, kubectl, startTestCluster } from '../../support/cluster.ts';
import { addBusybox } from '../../support/images.ts';

const image = 'kybern.test/busybox:1';
let cluster: Awaited<ReturnType<typeof startTestCluster>>;
const k = (...args: string[]) => kubectl(cluster, args);
const apply = (manifest: object) => kubectl(cluster, ['apply', '-f', '-'], JSON.stringify(manifest));

before(async () => {
  cluster = await startTestCluster([], 'autoscaling');
  await addBusybox(cluster, image);
});
after(() => cluster?.dispose());

/** Uses all cpu that it may until a file appears in `dir`. */
function busyDeployment(dir: string) {
  const labels = { app: 'busy' };
  const command = ['/bin/sh', '-c', 'while [ ! -e /control/idle ]; do :; done; exec sleep 1000000'];
  const container = {
    name: 'main',
    image,
    command,
    volumeMounts: [{ name: 'control', mountPath: '/control' }],
    resources: { requests: { cpu: '100m' }, limits: { cpu: '150m' } },
  };
  const volumes = [{ name: 'control', hostPath: { path: dir } }];
  const spec = { terminationGracePeriodSeconds: 0, containers: [container], volumes };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'busy' },
    spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
}

const autoscaler = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'busy' },
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'busy' },
    minReplicas: 1,
    maxReplicas: 3,
    metrics: [
      {
        type: 'Resource',
        resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } },
      },
    ],
    behavior: { scaleDown: { stabilizationWindowSeconds: 0 } },
  },
};

test('a busy Deployment – with an autoscaler – grows to its maximum, and shrinks to one replica when it is idle', async () => {
  const dir = join(cluster.home, 'control');
  mkdirSync(dir);
  await apply(busyDeployment(dir));
  assert.equal(await apply(autoscaler), 'horizontalpodautoscaler.autoscaling/busy created\n');
  const replicas = () => k('get', 'deployment', 'busy', '-o', 'jsonpath={.status.readyReplicas}');
  await eventually('three replicas', async () => (await replicas()) === '3', 90_000);
  const described = await k('describe', 'hpa', 'busy');
  assert.match(
    described,
    /SuccessfulRescale +\S+ +horizontal-pod-autoscaler +New size: 3; reason: cpu resource utilization \(percentage of request\) above target/,
  );
  assert.match(described, /ScalingActive +True +ValidMetricFound/);
  writeFileSync(join(dir, 'idle'), '');
  await eventually('one replica', async () => (await replicas()) === '1', 120_000);
  const events = await k(
    'get',
    'events',
    '--field-selector',
    'reason=SuccessfulRescale',
    '-o',
    'jsonpath={.items[*].message}',
  );
  assert.match(events, /New size: 1; reason: All metrics below target/);
});

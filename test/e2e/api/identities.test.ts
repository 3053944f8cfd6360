/**
 * A real node whose kubelet, service proxy and DNS, beside controllers and scheduler, each read over caches
 * of their own.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually, kubectl, kybern, newCluster, type TestCluster } from '../../support/cluster.ts';
import { addBusybox } from '../../support/images.ts';

const name = 'own-eyes';
const image = 'kybern.test/busybox:1';
const made = newCluster(name);
const cluster: TestCluster = { ...made, env: { ...made.env, KYBERN_SEPARATE_READERS: '1' } };
const k = (...args: string[]) => kubectl(cluster, args);

const web = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
      - name: web
        image: ${image}
        command: ["/bin/sh", "-c", "echo $KEY > /tmp/index.html && exec httpd -f -p 8080 -h /tmp"]
        env: [ { name: KEY, valueFrom: { secretKeyRef: { name: own, key: key } } } ]
        volumeMounts: [ { name: settings, mountPath: /settings } ]
        readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 }
      volumes: [ { name: settings, configMap: { name: settings } } ]
`;

before(async () => {
  await kybern(cluster, ['up', '--name', name, '--port', '0']);
  await addBusybox(cluster, image);
});
after(() => made.dispose());

test('pods – with secrets, a service, DNS and logs – work, and the API server has refused nothing', async () => {
  await k('create', 'secret', 'generic', 'own', '--from-literal=key=from-the-secret');
  await k('create', 'configmap', 'settings', '--from-literal=key=from-the-map');
  await kubectl(cluster, ['apply', '-f', '-'], web);
  await k('expose', 'deployment', 'web', '--port=80', '--target-port=8080');
  await k('rollout', 'status', 'deployment/web', '--timeout=60s');
  const [pod = ''] = (await k('get', 'pods', '-l', 'app=web', '-o', 'name')).split('\n');
  const inPod = (...command: string[]) => k('exec', pod, '--', ...command);
  assert.equal(await inPod('cat', '/settings/key'), 'from-the-map');
  await eventually('an answer by the service name', async () => {
    return (
      (await inPod('wget', '-qO-', 'http://web.default.svc.cluster.local/')).trim() === 'from-the-secret'
    );
  });
  await k('delete', 'deployment/web', 'service/web', '--wait');
  const metrics = (await k('get', '--raw', '/metrics')).split('\n');
  const watches = metrics.find((line) => /^apiserver_longrunning_requests\{.*resource="services"/.test(line));
  // Of the controllers, the scheduler, the kubelet, the service proxy and DNS.
  assert.ok(Number(watches?.split(' ').at(-1)) >= 5, 'watches of services');
  const counted = metrics.filter((line) => line.startsWith('apiserver_request_total'));
  assert.ok(counted.some((line) => line.includes('code="200"')));
  assert.deepEqual(
    counted.filter((line) => line.includes('code="403"')),
    [],
  );
});

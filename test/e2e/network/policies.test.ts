/** Network policies as containers meet them: from their first packet on, through services, and while they change. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually, kubectl, startTestCluster, tryKubectl } from '../../support/cluster.ts';
import { addBusybox } from '../../support/images.ts';

const image = 'kybern.test/busybox:1';
let cluster: Awaited<ReturnType<typeof startTestCluster>>;
const k = (...args: string[]) => kubectl(cluster, args);
const apply = (...items: object[]) =>
  kubectl(cluster, ['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));

function pod(name: string, role: string, script: string, more: object = {}) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { role } },
    spec: {
      terminationGracePeriodSeconds: 0,
      ...more,
      containers: [{ name: 'main', image, command: ['/bin/sh', '-c', script] }],
    },
  };
}

function policy(name: string, role: string, spec: object) {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name },
    spec: { podSelector: { matchLabels: { role } }, ...spec },
  };
}

const fromClients = { from: [{ podSelector: { matchLabels: { role: 'client' } } }], ports: [{ port: 8080 }] };
const serve =
  'mkdir /srv; echo served > /srv/index.html; httpd -p 8081 -h /srv; exec httpd -f -p 8080 -h /srv';
const fetched = (url: string) => `timeout 2 wget -qO- ${url} 2>/dev/null`;

before(async () => {
  cluster = await startTestCluster([], 'policies');
  await addBusybox(cluster, image);
  const readinessProbe = { httpGet: { port: 8080, path: '/' }, periodSeconds: 1 };
  const server = pod('server', 'server', serve);
  Object.assign(server.spec.containers[0]!, { readinessProbe });
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: { selector: { role: 'server' }, ports: [{ port: 80, targetPort: 8080 }] },
  };
  await apply(server, pod('client', 'client', 'sleep 3600'), pod('other', 'other', 'sleep 3600'), service);
  await k('wait', '--for=condition=Ready', 'pod', '--all', '--timeout=60s');
});
after(() => cluster?.dispose());

async function reaches(from: string, url: string): Promise<boolean> {
  return (await tryKubectl(cluster, ['exec', from, '--', 'sh', '-c', fetched(url)])).stdout.includes(
    'served',
  );
}

async function becomes(expected: boolean, from: string, url: string): Promise<void> {
  await eventually(`${from} ${expected ? 'reaches' : 'does not reach'} ${url}`, async () => {
    assert.equal(await reaches(from, url), expected);
    return true;
  });
}

const ipOf = (name: string) => k('get', 'pod', name, '-o', 'jsonpath={.status.podIP}');

test('ingress to one port from one role – through the service and straight – is all that passes, and probes do', async () => {
  const ip = await ipOf('server');
  assert.ok(await reaches('other', 'http://web'));
  await apply(policy('ingress', 'server', { ingress: [fromClients] }));
  await becomes(false, 'other', 'http://web');
  assert.ok(await reaches('client', 'http://web'));
  assert.ok(await reaches('client', `http://${ip}:8080`));
  assert.ok(!(await reaches('client', `http://${ip}:8081`)));
  assert.ok(await reaches('server', 'http://web'), 'a pod reaches itself through its service');
  await k('label', 'pod', 'other', 'role=client', '--overwrite');
  await becomes(true, 'other', 'http://web');
  await k('label', 'pod', 'other', 'role=other', '--overwrite');
  await becomes(false, 'other', 'http://web');
  await k('wait', '--for=condition=Ready', 'pod/server', '--timeout=10s');
  const node = await k('get', 'node', '-o', 'jsonpath={.items[0].metadata.name}');
  const metrics = await k('get', '--raw', `/api/v1/nodes/${node}/proxy/metrics`);
  assert.match(metrics, /kybern_network_policy_denied_packets_total\{direction="ingress"\} [1-9]/);
});

test('a pod that is denied all egress – from its first packet on – reaches nothing but its own node', async () => {
  const ip = await ipOf('server');
  await apply(policy('silent', 'silent', { policyTypes: ['Egress'] }));
  await apply(policy('ingress', 'server', { ingress: [{}] }));
  const first = `for i in 1 2 3; do ${fetched(`http://${ip}:8080`)}; done; nslookup kubernetes.default.svc.cluster.local >/dev/null && echo resolved`;
  const names = Array.from({ length: 8 }, (_, i) => `silent-${i}`);
  await apply(...names.map((name) => pod(name, 'silent', first, { restartPolicy: 'Never' })));
  await k('wait', '--for=jsonpath={.status.phase}=Succeeded', 'pod', '-l', 'role=silent', '--timeout=60s');
  for (const name of names) assert.equal((await k('logs', name)).trim(), 'resolved');
});

test('an open connection – that a new policy denies – is cut, and goes on when the policy is gone', async () => {
  await apply(pod('listener', 'listener', 'sleep 3600 | nc -l -p 9000'));
  await k('wait', '--for=condition=Ready', 'pod/listener', '--timeout=60s');
  const counts = 'i=0; while sleep 0.1; do i=$((i+1)); echo $i || break; done';
  await apply(pod('talker', 'talker', `${counts} | nc ${await ipOf('listener')} 9000`));
  const heard = async () => Number((await k('logs', 'listener', '--tail=1')).trim());
  await eventually('the connection carries text', async () => (await heard()) > 3);
  await apply(policy('deaf', 'listener', { policyTypes: ['Ingress'] }));
  await eventually('no text arrives any more', async () => {
    const before = await heard();
    await k('exec', 'client', '--', 'sleep', '1');
    return (await heard()) === before;
  });
  const cut = await heard();
  await k('delete', 'networkpolicy', 'deaf');
  await eventually('the connection goes on', async () => (await heard()) > cut, 20_000);
});

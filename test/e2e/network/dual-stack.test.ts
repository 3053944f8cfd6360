/** A cluster of both address families: pods and services of IPv4 and IPv6, and no IPv6 packet of ours on the uplink. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { eventually, kubectl, startTestCluster, tryKubectl } from '../../support/cluster.ts';
import { addBusybox } from '../../support/images.ts';

const name = 'dual';
const image = 'kybern.test/busybox:1';
const guard = `kybern_guard6_${process.pid}`;
const dir = mkdtempSync(join(tmpdir(), 'kybern-dual-'));
let cluster: Awaited<ReturnType<typeof startTestCluster>>;
const k = (...args: string[]) => kubectl(cluster, args);
const inClient = (...command: string[]) => k('exec', 'client', '--', ...command);
const addressesOf = async (service: string) =>
  (await k('get', 'service', service, '-o', 'jsonpath={.spec.clusterIPs[*]}')).split(' ');

const configuration = `apiVersion: kybern.dev/v1
kind: ClusterConfiguration
apiServer:
  args:
    service-cluster-ip-range: 10.118.0.0/16,fd00:10:118::/112
`;

const objects = `apiVersion: v1
kind: Pod
metadata: { name: web, labels: { app: web } }
spec:
  containers:
  - name: web
    image: ${image}
    command: ["/bin/sh", "-c", "mkdir -p /srv && hostname > /srv/index.html && exec httpd -f -p 8080 -h /srv"]
    ports: [ { containerPort: 8080, hostPort: 18118 } ]
    readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  type: NodePort
  ipFamilyPolicy: RequireDualStack
  selector: { app: web }
  ports: [ { port: 80, targetPort: 8080 } ]
---
apiVersion: v1
kind: Service
metadata: { name: sticky }
spec:
  ipFamilies: [ IPv6 ]
  sessionAffinity: ClientIP
  selector: { app: web }
  ports: [ { port: 80, targetPort: 8080 } ]
---
apiVersion: v1
kind: Service
metadata: { name: absent }
spec:
  ipFamilies: [ IPv6 ]
  selector: { app: absent }
  ports: [ { port: 80 } ]
`;

before(async () => {
  const config = join(dir, 'config.yaml');
  writeFileSync(config, configuration);
  cluster = await startTestCluster(['--config', config], name);
  const { bridge, podRange, serviceRange } = JSON.parse(
    readFileSync(join(cluster.home, 'clusters', name, 'config.json'), 'utf8'),
  );
  const ours = `{ ${podRange.split(',')[1]}, ${serviceRange.split(',')[1]} }`;
  const rules = `table ip6 ${guard} {
  chain out {
    type filter hook postrouting priority 300; policy accept;
    oifname != { "${bridge}", "lo" } ip6 daddr ${ours} counter
    oifname != { "${bridge}", "lo" } ip6 saddr ${ours} counter
  }
}
`;
  execFileSync('nft', ['-f', '-'], { input: rules });
  await addBusybox(cluster, image);
  await kubectl(cluster, ['apply', '-f', '-'], objects);
  await k('run', 'client', `--image=${image}`);
  await k('wait', '--for=condition=Ready', 'pod/web', 'pod/client', '--timeout=60s');
});
after(async () => {
  await cluster?.dispose();
  rmSync(dir, { recursive: true, force: true });
  execFileSync('nft', ['-f', '-'], { input: `table ip6 ${guard}\ndelete table ip6 ${guard}\n` });
});

test('a pod – of a cluster of both families – has an address of each, and so have its endpoints', async () => {
  const ips = (await k('get', 'pod', 'web', '-o', 'jsonpath={.status.podIPs[*].ip}')).split(' ');
  assert.match(ips.join(), /^10\.\d+\.0\.\d+,fd00:10:\d+::[0-9a-f]+$/);
  const label = 'kubernetes.io/service-name=web';
  const path = 'jsonpath={range .items[*]}{.addressType} {.endpoints[*].addresses[*]}{"\\n"}{end}';
  const slices = (await k('get', 'endpointslices', '-l', label, '-o', path)).trim().split('\n').sort();
  assert.deepEqual(slices, [`IPv4 ${ips[0]}`, `IPv6 ${ips[1]}`]);
});

test('a service – of both families – answers at both addresses, to a pod and to the machine', async () => {
  const addresses = await addressesOf('web');
  assert.match(addresses.join(), /^10\.118\.\d+\.\d+,fd00:10:118::[0-9a-f]+$/);
  for (const address of addresses) {
    const url = address.includes(':') ? `http://[${address}]` : `http://${address}`;
    await eventually(`${url} answers a pod`, async () => (await inClient('wget', '-qO-', url)) === 'web\n');
    assert.equal(await (await fetch(url)).text(), 'web\n');
  }
});

test('a pod – calling its own service over IPv6 – reaches itself', async () => {
  const [, address] = await addressesOf('web');
  assert.equal(await k('exec', 'web', '--', 'timeout', '5', 'wget', '-qO-', `http://[${address}]`), 'web\n');
});

test('a service of IPv6 – with session affinity, without endpoints – answers, refuses at once', async () => {
  const [sticky] = await addressesOf('sticky');
  for (let i = 0; i < 3; i++) assert.equal(await inClient('wget', '-qO-', `http://[${sticky}]`), 'web\n');
  const [absent] = await addressesOf('absent');
  const ask = ['exec', 'client', '--', 'timeout', '60', 'wget', '-qO-', `http://[${absent}]`];
  const refused = await tryKubectl(cluster, ask);
  assert.match(refused.stderr, /Connection refused/);
});

test('a node port and a host port – at the node’s IPv6 address – answer', async () => {
  const node = (await k('get', 'node', '-o', 'jsonpath={.items[0].spec.podCIDRs[1]}')).replace(/\/64$/, '1');
  const port = await k('get', 'service', 'web', '-o', 'jsonpath={.spec.ports[0].nodePort}');
  for (const at of [port, '18118']) {
    assert.equal(await inClient('timeout', '10', 'wget', '-qO-', `http://[${node}]:${at}`), 'web\n');
  }
});

test('the uplink – while pods and services talk IPv6 – sends no packet of their ranges', () => {
  const counters = execFileSync('nft', ['list', 'table', 'ip6', guard], { encoding: 'utf8' });
  assert.deepEqual(
    [...counters.matchAll(/counter packets (\d+)/g)].map((match) => match[1]),
    ['0', '0'],
  );
});

/** Services and DNS from inside real pods and from the machine; and no packet of ours on the uplink. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import dnsPacket from 'dns-packet';
import { listenDns } from '#host/network/dns-sockets.ts';
import { eventually, kubectl, startTestCluster, tryKubectl } from '../../support/cluster.ts';
import { addBusybox } from '../../support/images.ts';

const name = 'net';
const image = 'kybern.test/busybox:1';
const guard = `kybern_guard_${process.pid}`;
let cluster: Awaited<ReturnType<typeof startTestCluster>>;
const k = (...args: string[]) => kubectl(cluster, args);
const inClient = (...command: string[]) => k('exec', 'client', '--', ...command);

/** A web server whose pages say which pod it is. */
const server = `apiVersion: apps/v1
kind: Deployment
metadata: { name: who }
spec:
  replicas: 2
  selector: { matchLabels: { app: who } }
  template:
    metadata: { labels: { app: who } }
    spec:
      terminationGracePeriodSeconds: 5
      containers:
      - name: web
        image: ${image}
        command: ["/bin/sh", "-c", "mkdir -p /srv && hostname > /srv/index.html && exec httpd -f -p 8080 -h /srv"]
        ports: [ { name: http, containerPort: 8080 }, { name: again, containerPort: 8080, protocol: UDP } ]
        readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 }
---
apiVersion: v1
kind: Service
metadata: { name: who }
spec:
  selector: { app: who }
  ports: [ { name: http, port: 80, targetPort: http }, { name: alt, port: 81, targetPort: 8080 } ]
---
apiVersion: v1
kind: Service
metadata: { name: sticky }
spec:
  sessionAffinity: ClientIP
  selector: { app: who }
  ports: [ { port: 80, targetPort: http } ]
---
apiVersion: v1
kind: Service
metadata: { name: headless }
spec:
  clusterIP: None
  selector: { app: who }
  ports: [ { name: http, port: 8080 } ]
---
apiVersion: v1
kind: Service
metadata: { name: absent }
spec:
  selector: { app: absent }
  ports: [ { port: 80 } ]
`;

before(async () => {
  cluster = await startTestCluster([], name);
  // Counts what leaves by any device but the pod bridge and loopback for the cluster's ranges.
  const config = JSON.parse(readFileSync(join(cluster.home, 'clusters', name, 'config.json'), 'utf8'));
  const ours = `{ ${config.podRange}, ${config.serviceRange} }`;
  const rules = `table ip ${guard} {
  chain out {
    type filter hook postrouting priority 300; policy accept;
    oifname != { "${config.bridge}", "lo" } ip daddr ${ours} counter
    oifname != { "${config.bridge}", "lo" } ip saddr ${ours} counter
  }
}
`;
  execFileSync('nft', ['-f', '-'], { input: rules });
  await addBusybox(cluster, image);
  await kubectl(cluster, ['apply', '-f', '-'], server);
  await k('run', 'client', `--image=${image}`);
  await k('rollout', 'status', 'deployment/who', '--timeout=90s');
  await k('wait', '--for=condition=Ready', 'pod/client', '--timeout=60s');
});
after(async () => {
  await cluster?.dispose();
  execFileSync('nft', ['-f', '-'], { input: `table ip ${guard}\ndelete table ip ${guard}\n` });
});

async function answers(from: () => Promise<string>, count: number): Promise<Set<string>> {
  const seen = new Set<string>();
  for (let i = 0; i < count; i++) seen.add((await from()).trim());
  return seen;
}

test('a cluster IP – from a pod and from the machine – reaches every backend on each port', async () => {
  const ip = await k('get', 'service', 'who', '-o', 'jsonpath={.spec.clusterIP}');
  await eventually(
    'both pods answer',
    async () => (await answers(() => inClient('wget', '-qO-', `http://${ip}`), 10)).size === 2,
  );
  assert.match(await inClient('wget', '-qO-', `http://${ip}:81`), /^who-/);
  assert.match(await (await fetch(`http://${ip}`)).text(), /^who-/);
});

test('a pod – calling its own service – reaches itself', async () => {
  const pod = (await k('get', 'pods', '-l', 'app=who', '-o', 'name')).split('\n')[0] ?? '';
  const seen = await answers(() => k('exec', pod, '--', 'timeout', '5', 'wget', '-qO-', 'http://who'), 12);
  assert.equal(seen.size, 2);
});

test('ClientIP affinity – of a service – keeps a client with one backend', async () => {
  assert.equal((await answers(() => inClient('wget', '-qO-', 'http://sticky'), 10)).size, 1);
});

test('DNS names – short, with namespace, full, headless, and of the API server – are resolved', async (t) => {
  for (const host of ['who', 'who.default', 'who.default.svc', 'who.default.svc.cluster.local']) {
    await t.test(host, async () => {
      assert.match(await inClient('wget', '-qO-', `http://${host}`), /^who-/);
    });
  }
  const ips = (await k('get', 'pods', '-l', 'app=who', '-o', 'jsonpath={.items[*].status.podIP}'))
    .split(' ')
    .sort();
  const found = await inClient('nslookup', 'headless.default.svc.cluster.local');
  for (const ip of ips) assert.ok(found.includes(ip), found);
  assert.match(await inClient('nslookup', 'kubernetes.default.svc.cluster.local'), /10\.\d+\.0\.1\b/);
});

/** A name server outside the cluster: every name has one address, which says its transport. */
async function outsideServer(t: TestContext): Promise<number> {
  const listener = await listenDns('127.0.0.1', 0, (bytes, transport) => {
    const { id = 0, questions = [] } = dnsPacket.decode(bytes);
    const [question] = questions;
    const data = transport === 'udp' ? '192.0.2.17' : '192.0.2.6';
    const answers = question?.type === 'A' ? [{ type: 'A' as const, name: question.name, ttl: 5, data }] : [];
    return dnsPacket.encode({ type: 'response', id, questions, answers });
  });
  t.after(() => listener.close());
  return listener.port;
}

const lookUp = async (host: string, type = 'a') =>
  (await tryKubectl(cluster, ['exec', 'client', '--', 'nslookup', `-type=${type}`, host])).stdout;

const reversed = (ip: string) => `${ip.split('.').reverse().join('.')}.in-addr.arpa`;

test('DNS records – of a port, of an address, of another family – are those of the specification', async () => {
  const full = 'who.default.svc.cluster.local';
  assert.match(await lookUp(`_http._tcp.${full}`, 'srv'), new RegExp(`100 80 ${full}`));
  const ip = await k('get', 'service', 'who', '-o', 'jsonpath={.spec.clusterIP}');
  assert.match(await lookUp(reversed(ip), 'ptr'), new RegExp(`name = ${full}`));
  const pods = await k('get', 'pods', '-l', 'app=who', '-o', 'jsonpath={.items[*].status.podIP}');
  const pod = pods.split(' ')[0] ?? '';
  const endpoint = `${pod.replaceAll('.', '-')}.headless.default.svc.cluster.local`;
  assert.match(await lookUp(endpoint), new RegExp(`Address: ${pod}`));
  assert.match(await lookUp(reversed(pod), 'ptr'), new RegExp(`name = ${endpoint}`));
  assert.match(await lookUp('none.default.svc.cluster.local'), /NXDOMAIN/);
});

test('a Corefile – with a stub domain, then a bad one, then none – is followed, keeps the last, is forgotten', async (t) => {
  const port = await outsideServer(t);
  const corefile = (rest: string) => {
    const data = { Corefile: `. {\n  kubernetes cluster.local in-addr.arpa ip6.arpa\n}\n${rest}` };
    const metadata = { name: 'coredns', namespace: 'kube-system' };
    return JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
  };
  await kubectl(cluster, ['apply', '-f', '-'], corefile(`acme.test {\n  forward . 127.0.0.1:${port}\n}\n`));
  await eventually('the stub domain is asked', async () =>
    (await lookUp('a.acme.test')).includes('192.0.2.17'),
  );
  await k('create', 'service', 'externalname', 'acme', '--external-name=b.acme.test');
  await eventually('the external name leads there', async () => {
    const found = await lookUp('acme.default.svc.cluster.local');
    return found.includes('canonical name = b.acme.test') && found.includes('192.0.2.17');
  });
  await kubectl(cluster, ['apply', '-f', '-'], corefile('acme.test {\n  rewrite a b\n}\n'));
  await eventually('the bad Corefile is reported', async () => {
    const events = await k('get', 'events', '-n', 'kube-system', '-o', 'jsonpath={.items[*].message}');
    return events.includes('DNS keeps its last configuration: line 5: the plugin rewrite is not supported');
  });
  assert.match(await lookUp('c.acme.test'), /192\.0\.2\.17/);
  await k('delete', 'configmap', 'coredns', '-n', 'kube-system');
  await eventually(
    'the stub domain is forgotten',
    async () => !(await lookUp('d.acme.test')).includes('192.0.2'),
  );
});

test('metrics of DNS – from a pod, by its Service – count queries', async () => {
  const page = await inClient('wget', '-qO-', 'http://kube-dns.kube-system:9153/metrics');
  assert.match(page, /^coredns_dns_requests_total\{.*type="A".*\} [1-9]/m);
  const slice = await k('get', 'endpointslice', 'kube-dns', '-n', 'kube-system', '-o', 'json');
  const { endpoints } = JSON.parse(slice);
  const node = await k('get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}');
  assert.deepEqual(endpoints[0].hints, { forNodes: [{ name: node }] });
});

test('a rolling update – under connections from a pod and from the machine – fails none of them', async () => {
  const ip = await k('get', 'service', 'who', '-o', 'jsonpath={.spec.clusterIP}');
  const loop = `n=0; f=0; while [ ! -e /tmp/over ]; do wget -qO- http://${ip} > /dev/null 2>&1 || f=$((f+1)); n=$((n+1)); done; echo $n $f`;
  const fromPod = inClient('sh', '-c', loop);
  const failures: string[] = [];
  let [isOver, connections] = [false, 0];
  const connectAgain = async () => {
    while (!isOver) {
      const headers = { connection: 'close' };
      await fetch(`http://${ip}`, { headers }).then(
        (answer) => answer.text(),
        (error: Error) => failures.push(String(error.cause ?? error)),
      );
      connections++;
    }
  };
  const fromHost = Promise.all([connectAgain(), connectAgain()]);
  await k('rollout', 'restart', 'deployment/who');
  await k('rollout', 'status', 'deployment/who', '--timeout=90s');
  // The last pods of the old version end.
  const old = async () =>
    (await k('get', 'pods', '-l', 'app=who', '-o', 'name')).trim().split('\n').length === 2;
  await eventually('two pods are left', old, 60_000);
  isOver = true;
  await fromHost;
  await inClient('touch', '/tmp/over');
  const [count, failed] = (await fromPod).trim().split(' ').map(Number);
  assert.deepEqual([failures, failed], [[], 0], `of ${connections} and ${count} connections`);
  assert.ok(connections > 100 && count! > 100, `${connections} and ${count} connections`);
});

test('a service – without endpoints – refuses at once', async () => {
  const began = performance.now();
  const script = 'nc -w 120 absent 80 < /dev/null';
  assert.equal((await tryKubectl(cluster, ['exec', 'client', '--', 'sh', '-c', script])).code, 1);
  // Dropped packets would have kept it waiting for its whole two minutes.
  assert.ok(performance.now() - began < 100_000);
});

test('a pod – with its own token – reaches the API', async () => {
  const script =
    'wget -qO- --no-check-certificate --header "Authorization: Bearer $(cat /var/run/secrets/kubernetes.io/serviceaccount/token)" https://kubernetes.default.svc/version';
  const { stdout, stderr } = await tryKubectl(cluster, ['exec', 'client', '--', 'sh', '-c', script]);
  // Debian's static busybox may be built without TLS; the connection itself is then the proof.
  if (/not an http or ftp url|ssl_client|TLS/i.test(stderr)) {
    await inClient('sh', '-c', 'nc -w 3 kubernetes.default.svc 443 < /dev/null');
    return;
  }
  assert.match(stdout, /"gitVersion"/, stderr);
});

/** The status of the kubelet's answer at the node's own address. */
function askKubelet(host: string, token?: string): Promise<number | undefined> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    const options = { host, port: 10250, path: '/metrics', headers, rejectUnauthorized: false };
    const asked = get(options, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    asked.on('error', reject);
  });
}

test("port 10250 of a node – is the kubelet's, for authorized callers – and no port serves it without TLS", async (t) => {
  const path = '{.items[0].metadata.name} {.items[0].status.addresses[?(@.type=="InternalIP")].address}';
  const [node = '', ip = ''] = (await k('get', 'nodes', '-o', `jsonpath=${path}`)).split(' ');
  assert.equal(await askKubelet(ip), 401);
  assert.equal(await askKubelet(ip, (await k('create', 'token', 'default')).trim()), 403);
  const knock = (port: number) => ['exec', 'client', '--', 'sh', '-c', `nc -w 3 ${ip} ${port} < /dev/null`];
  await k(...knock(10250));
  assert.notEqual((await tryKubectl(cluster, knock(10255))).code, 0);
  for (const address of [node, `${node}:10250`, `https:${node}:10250`]) {
    await t.test(`${address}: metrics`, async () => {
      assert.match(
        await k('get', '--raw', `/api/v1/nodes/${address}/proxy/metrics`),
        /^kubelet_running_pods \d+$/m,
      );
    });
  }
  assert.match(await k('get', '--raw', `/api/v1/nodes/${node}:10250/proxy/runningpods/`), /"client"/);
  for (const address of [node, `${node}:10250`]) {
    await t.test(`${address}: logs`, async () => {
      assert.match(await k('get', '--raw', `/api/v1/nodes/${address}/proxy/logs/`), /^<pre>$/m);
    });
  }
});

test('the uplink – while pods and services talk – sends no packet of their ranges', async () => {
  const { stderr } = await tryKubectl(cluster, [
    'exec',
    'client',
    '--',
    'wget',
    '-qO-',
    '-T',
    '2',
    'http://10.96.255.254',
  ]);
  assert.notEqual(stderr, '');
  const list = execFileSync('nft', ['list', 'table', 'ip', guard], { encoding: 'utf8' });
  const counters = [...list.matchAll(/counter packets (\d+)/g)].map((match) => Number(match[1]));
  assert.deepEqual(counters, [0, 0]);
});

/**
 * What services promise beyond the plain case: outside addresses, policies, ends, UDP; from pods, host and an
 * external client.
 */

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { hostname, networkInterfaces } from 'node:os';
import { after, before, test } from 'node:test';
import { eventually, kubectl, startTestCluster, tryKubectl } from '../../support/cluster.ts';
import { addBusybox, addImage, copyProgram } from '../../support/images.ts';
import { type NetworkNamespace, networkNamespace } from '../../support/network-namespace.ts';

const name = 'services';
const image = 'kybern.test/busybox:1';
const perl = 'kybern.test/perl:1';
/** A machine of its own beside this one: a network namespace with one cable to us. */
const external = `kbexternal${process.pid % 1000}`;
const externalIp = '198.51.100.2';
const nodeIp = '198.51.100.1';
let cluster: Awaited<ReturnType<typeof startTestCluster>>;
let outside: NetworkNamespace | undefined;
const k = (...args: string[]) => kubectl(cluster, args);
const apply = (manifest: object) => kubectl(cluster, ['apply', '-f', '-'], JSON.stringify(manifest));

/** Answers with its own name and the address it sees as its caller's. */
const serve =
  'mkdir -p /srv/cgi-bin; printf "#!/bin/sh\\necho; echo $(hostname) \\$REMOTE_ADDR\\n" > /srv/cgi-bin/who; chmod +x /srv/cgi-bin/who; exec httpd -f -p 8080 -h /srv';

function pod(podName: string, labels: object, more: object = {}, container: object = {}) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: podName, labels },
    spec: {
      terminationGracePeriodSeconds: 0,
      ...more,
      containers: [{ name: 'main', image, command: ['/bin/sh', '-c', serve], ...container }],
    },
  };
}

function service(serviceName: string, spec: object) {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: serviceName },
    spec: { selector: { app: 'who' }, ports: [{ port: 80, targetPort: 8080 }], ...spec },
  };
}

before(async () => {
  cluster = await startTestCluster([], name);
  await addBusybox(cluster, image);
  await addImage(
    cluster,
    perl,
    'FROM scratch\nCOPY root /\nENV PATH=/usr/bin\nCMD ["perl", "-e", "sleep"]\n',
    (root) => {
      copyProgram(root, '/usr/bin/perl');
      copyProgram(root, '/usr/bin/curl');
    },
  );
  await apply(pod('who', { app: 'who' }));
  await apply(pod('client', {}, {}, { image: perl, command: ['perl', '-e', 'sleep'] }));
  await k('wait', '--for=condition=Ready', 'pod/who', 'pod/client', '--timeout=60s');
  const ip = (...args: string[]) => execFileSync('ip', args);
  outside = await networkNamespace();
  const [enter = '', ...flags] = outside.enter;
  const there = (...args: string[]) => execFileSync(enter, [...flags, 'ip', ...args]);
  ip('link', 'add', external, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', outside.pid);
  ip('address', 'add', `${nodeIp}/24`, 'dev', external);
  ip('link', 'set', external, 'up');
  there('address', 'add', `${externalIp}/24`, 'dev', 'eth0');
  there('link', 'set', 'eth0', 'up');
  there('route', 'add', 'default', 'via', nodeIp);
});
after(async () => {
  outside?.leave();
  await cluster?.dispose();
});

type Place = 'host' | 'external' | 'pod';

/** What comes back from `url`, or `refused` or `silent`. */
async function ask(from: Place, url: string): Promise<string> {
  const curl = ['curl', '-s', '-m', '2', '-w', '%{exitcode}', url];
  const text =
    from === 'pod'
      ? (await tryKubectl(cluster, ['exec', 'client', '--', ...curl])).stdout
      : run(from === 'host' ? curl : [...outside!.enter, ...curl]);
  const [, body = '', code] = /^(.*?)\s*(\d+)$/s.exec(text) ?? [];
  if (code === '0') return body;
  return code === '7' ? 'refused' : code === '28' ? 'silent' : `curl ended with ${code}`;
}

function run([program = '', ...args]: string[]): string {
  return spawnSync(program, args, { encoding: 'utf8' }).stdout;
}

/** The server has one socket for both families, and writes the address so. */
const seenAs = (server: string, ip: string) =>
  new RegExp(`^${server} \\[::ffff:${ip.replaceAll('.', '\\.')}\\]$`);
const who = (host: string, port: number | string = 80) => `http://${host}:${port}/cgi-bin/who`;

async function answers(from: Place, url: string, expected: RegExp): Promise<void> {
  await eventually(
    `${url} from ${from} gives ${expected}`,
    async () => {
      const got = await ask(from, url);
      assert.match(got, expected);
      return true;
    },
    20_000,
  );
}

const field = (kind: string, object: string, path: string) =>
  k('get', kind, object, '-o', `jsonpath={${path}}`);

test('a node port – at every address of the machine – answers host, pods and external clients', async () => {
  await apply(service('ported', { type: 'NodePort' }));
  const port = await field('service', 'ported', '.spec.ports[0].nodePort');
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter((address) => address.family === 'IPv4')
    .map((address) => address.address);
  assert.ok(addresses.includes('127.0.0.1') && addresses.includes(nodeIp));
  for (const address of addresses) await answers('host', who(address, port), /^who /);
  await answers('external', who(nodeIp, port), /^who /);
  await answers(
    'pod',
    who(await field('node', hostname().toLowerCase(), '.status.addresses[0].address'), port),
    /^who /,
  );
  // Policy Cluster: the caller is hidden behind the node.
  assert.doesNotMatch(await ask('external', who(nodeIp, port)), new RegExp(externalIp));
});

test('externalTrafficPolicy Local – keeps the client’s address – and reports to load balancers where it serves', async () => {
  await apply(service('local', { type: 'LoadBalancer', externalTrafficPolicy: 'Local' }));
  const port = await field('service', 'local', '.spec.ports[0].nodePort');
  const health = await field('service', 'local', '.spec.healthCheckNodePort');
  await answers('external', who(nodeIp, port), seenAs('who', externalIp));
  const check = async () => {
    const args = ['-s', '-w', ' %{http_code}', `http://${nodeIp}:${health}/`];
    return execFileSync('curl', args, { encoding: 'utf8' });
  };
  assert.equal(
    await check(),
    '{"service":{"namespace":"default","name":"local"},"localEndpoints":1,"serviceProxyHealthy":true} 200',
  );
  await k('patch', 'service', 'local', '-p', '{"spec":{"selector":{"app":"absent"}}}');
  await eventually('no endpoint here', async () => /"localEndpoints":0,.* 503$/.test(await check()));
});

test('the service proxy’s health – asked at the node’s own address – as kube-proxy answers at 10256', async () => {
  const address = await field('node', hostname().toLowerCase(), '.status.addresses[0].address');
  const ask = (path: string) => {
    const args = ['-s', '--path-as-is', '-w', ' %{http_code}', `http://${address}:10256${path}`];
    return execFileSync('curl', args, { encoding: 'utf8' });
  };
  assert.match(ask('/healthz'), /^\{"lastUpdated":.*"nodeEligible":true,"healthy":true,.* 200$/);
  assert.match(ask('/livez'), /"healthy":true,.* 200$/);
  assert.match(ask('/healthz/../livez'), / 404$/);
});

test('externalTrafficPolicy Local – backends only elsewhere – drops external packets; without any endpoint they are refused', async () => {
  const ip = await field('pod', 'who', '.status.podIP');
  const elsewhere = (serviceName: string, endpoints: object[]) => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: serviceName, labels: { 'kubernetes.io/service-name': serviceName } },
    addressType: 'IPv4',
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
    endpoints,
  });
  const far = [{ addresses: [ip], nodeName: 'elsewhere', conditions: { ready: true } }];
  for (const [serviceName, spec] of [
    ['far-outside', { type: 'NodePort', externalTrafficPolicy: 'Local' }],
    ['far-inside', { internalTrafficPolicy: 'Local' }],
    ['empty', { type: 'NodePort' }],
  ] as const) {
    const { selector: _, ...rest } = service(serviceName, spec).spec;
    await apply({ ...service(serviceName, {}), spec: rest });
    await apply(elsewhere(serviceName, serviceName === 'empty' ? [] : far));
  }
  const outside = await field('service', 'far-outside', '.spec.ports[0].nodePort');
  await answers('external', who(nodeIp, outside), /^silent$/);
  await answers('host', who(nodeIp, outside), /^who /);
  await answers('pod', who(nodeIp, outside), /^who /);
  const inside = await field('service', 'far-inside', '.spec.clusterIP');
  await answers('host', who(inside), /^silent$/);
  await answers('host', who(await field('service', 'far-outside', '.spec.clusterIP')), /^who /);
  const empty = await field('service', 'empty', '.spec.clusterIP');
  await answers('host', who(empty), /^refused$/);
  await answers('pod', who(empty), /^refused$/);
  await answers(
    'external',
    who(nodeIp, await field('service', 'empty', '.spec.ports[0].nodePort')),
    /^refused$/,
  );
});

test('external and load balancer addresses – called – answer, the latter only their source ranges', async () => {
  await apply(service('outside', { externalIPs: ['203.0.113.5'] }));
  await answers('external', who('203.0.113.5'), /^who /);
  await answers('host', who('203.0.113.5'), /^who /);
  await answers('pod', who('203.0.113.5'), /^who /);
  // Of another controller: the cluster's own keeps the status as it makes it.
  const loadBalancerClass = 'example.com/another';
  const loadBalancerSourceRanges = ['192.0.2.0/24'];
  await apply(service('balanced', { type: 'LoadBalancer', loadBalancerClass, loadBalancerSourceRanges }));
  // Without `--subresource`, which older kubectls do not know.
  const ingress = async (ip: string, ipMode: string) => {
    const balanced = JSON.parse(await k('get', 'service', 'balanced', '-o', 'json'));
    balanced.status = { loadBalancer: { ingress: [{ ip, ipMode }] } };
    const path = '/api/v1/namespaces/default/services/balanced/status';
    await kubectl(cluster, ['replace', '--raw', path, '-f', '-'], JSON.stringify(balanced));
  };
  await ingress('203.0.113.6', 'VIP');
  await answers('external', who('203.0.113.6'), /^silent$/);
  await k('patch', 'service', 'balanced', '-p', '{"spec":{"loadBalancerSourceRanges":["198.51.100.0/24"]}}');
  await answers('external', who('203.0.113.6'), /^who /);
});

test('a host port – at one address or at all – reaches its pod', async () => {
  const ports = (hostPort: number, hostIP?: string) => ({
    ports: [{ containerPort: 8080, hostPort, ...(hostIP ? { hostIP } : {}) }],
  });
  await apply(pod('hosted', {}, {}, ports(18_081)));
  await apply(pod('hosted-one', {}, {}, ports(18_082, nodeIp)));
  await k('wait', '--for=condition=Ready', 'pod/hosted', 'pod/hosted-one', '--timeout=60s');
  await answers('external', who(nodeIp, 18_081), seenAs('hosted', externalIp));
  await answers('host', who('127.0.0.1', 18_081), /^hosted /);
  await answers('external', who(nodeIp, 18_082), /^hosted-one /);
  await answers('host', who('127.0.0.1', 18_082), /^refused$/);
});

test('a terminating endpoint – the last one – still serves; unready ones serve only when published', async () => {
  const lifecycle = { preStop: { exec: { command: ['/bin/sh', '-c', 'sleep 100'] } } };
  await apply(pod('last', { app: 'last' }, { terminationGracePeriodSeconds: 120 }, { lifecycle }));
  await apply(service('last', { selector: { app: 'last' } }));
  await k('wait', '--for=condition=Ready', 'pod/last', '--timeout=60s');
  const ip = await field('service', 'last', '.spec.clusterIP');
  await answers('host', who(ip), /^last /);
  await k('delete', 'pod', 'last', '--wait=false');
  await eventually('it is terminating', async () => {
    const reported = await k(
      'get',
      'endpointslices',
      '-l',
      'kubernetes.io/service-name=last',
      '-o',
      'jsonpath={.items[*].endpoints[*].conditions}',
    );
    return /"terminating":true/.test(reported);
  });
  assert.match(await ask('host', who(ip)), /^last /);
  await apply(
    pod('unready', { app: 'unready' }, {}, { readinessProbe: { exec: { command: ['/bin/false'] } } }),
  );
  await apply(service('hidden', { selector: { app: 'unready' } }));
  await apply(service('shown', { selector: { app: 'unready' }, publishNotReadyAddresses: true }));
  await answers('host', who(await field('service', 'shown', '.spec.clusterIP')), /^unready /);
  await answers('host', who(await field('service', 'hidden', '.spec.clusterIP')), /^refused$/);
});

test('session affinity – after its timeout – ends', async () => {
  await apply(pod('who-2', { app: 'who' }));
  await k('wait', '--for=condition=Ready', 'pod/who-2', '--timeout=60s');
  const sticky = (timeoutSeconds: number) =>
    apply(
      service('sticky', {
        sessionAffinity: 'ClientIP',
        sessionAffinityConfig: { clientIP: { timeoutSeconds } },
      }),
    );
  await sticky(60);
  const url = who(await field('service', 'sticky', '.spec.clusterIP'));
  await answers('host', url, /^who/);
  const first = (await ask('host', url)).split(' ')[0];
  for (let i = 0; i < 10; i++) assert.equal((await ask('host', url)).split(' ')[0], first);
  await sticky(1);
  // With pauses longer than the affinity's timeout, the client reaches the other backend sooner or later.
  const seen = new Set<string | undefined>([first]);
  await eventually(
    'another backend',
    async () => {
      await new Promise((resolve) => setTimeout(resolve, 1500));
      seen.add((await ask('host', url)).split(' ')[0]);
      return seen.size === 2;
    },
    180_000,
  );
});

test('a UDP client – that never pauses – reaches the new backend when the old one is gone', async () => {
  const script = `socket(S, 2, 2, 17) or die $!; bind(S, pack("Sna4x8", 2, 9999, "\\0\\0\\0\\0")) or die $!;
    while (defined($from = recv(S, $word, 1500, 0))) { send(S, $ENV{HOSTNAME}, 0, $from) }`;
  const udp = (podName: string) =>
    pod(podName, { app: 'udp' }, {}, { image: perl, command: ['perl', '-e', script] });
  await apply(udp('udp-old'));
  await apply(service('udp', { selector: { app: 'udp' }, ports: [{ port: 9999, protocol: 'UDP' }] }));
  await k('wait', '--for=condition=Ready', 'pod/udp-old', '--timeout=60s');
  const ip = await field('service', 'udp', '.spec.clusterIP');
  let last = '';
  const socket = createSocket('udp4');
  socket.on('error', () => undefined);
  socket.on('message', (message) => {
    last = message.toString();
  });
  const timer = setInterval(() => socket.send('hi', 9999, ip), 50);
  try {
    await eventually('the first backend answers', () => last === 'udp-old');
    await apply(udp('udp-new'));
    await k('wait', '--for=condition=Ready', 'pod/udp-new', '--timeout=60s');
    await k('delete', 'pod', 'udp-old');
    await eventually('the second one answers', () => last === 'udp-new');
  } finally {
    clearInterval(timer);
    socket.close();
  }
});

test('a service – of a protocol that the kernel may lack – harms no other service', async () => {
  await apply(service('sctp', { selector: { app: 'who' }, ports: [{ port: 7777, protocol: 'SCTP' }] }));
  await apply(service('after-sctp', {}));
  await answers('host', who(await field('service', 'after-sctp', '.spec.clusterIP')), /^who/);
});

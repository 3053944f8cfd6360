/** Three real nodes on one machine: the network between their pods, their processes, and what is left when they go. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Node, Pod } from '#api/generated/types.gen.ts';
import { type ClusterConfig, shortName } from '#host/home/cluster-home.ts';
import { eventually, kubectl, kybern, startTestCluster } from '../../support/cluster.ts';
import { addBusybox, addImage, copyProgram } from '../../support/images.ts';

const name = 'three';
const image = 'kybern.test/busybox:1';
const curl = 'kybern.test/curl:1';
const first = hostname().toLowerCase();
const watch = `three_watch_${process.pid}`;
let cluster: Awaited<ReturnType<typeof startTestCluster>>;
const k = (...args: string[]) => kubectl(cluster, args);
const apply = (manifest: object) => kubectl(cluster, ['apply', '-f', '-'], JSON.stringify(manifest));

/** Answers with its own name and the address that it sees as its caller's. */
const serve =
  'mkdir -p /srv/cgi-bin; printf "#!/bin/sh\\necho; echo $(hostname) \\$REMOTE_ADDR\\n" > /srv/cgi-bin/who; chmod +x /srv/cgi-bin/who; echo serves; exec httpd -f -p 8080 -h /srv';

const daemonSet = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'who' },
  spec: {
    selector: { matchLabels: { app: 'who' } },
    template: {
      metadata: { labels: { app: 'who' } },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [
          { name: 'main', image, command: ['/bin/sh', '-c', serve] },
          { name: 'client', image: curl },
        ],
      },
    },
  },
};
const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'who' },
  spec: { type: 'NodePort', selector: { app: 'who' }, ports: [{ port: 80, targetPort: 8080 }] },
};

interface Place {
  readonly pod: string;
  readonly ip: string;
  readonly node: string;
}

const config = (): ClusterConfig =>
  JSON.parse(readFileSync(join(cluster.home, 'clusters', name, 'config.json'), 'utf8'));
const items = async <T>(kind: string): Promise<T[]> => JSON.parse(await k('get', kind, '-o', 'json')).items;

async function places(): Promise<Place[]> {
  return (await items<Pod>('pods')).map(({ metadata, status, spec }) => ({
    pod: metadata?.name ?? '',
    ip: status?.podIP ?? '',
    node: spec?.nodeName ?? '',
  }));
}

async function addresses(): Promise<string[]> {
  const nodes = await items<Node>('nodes');
  return nodes.map(
    ({ status }) => status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '',
  );
}

/** From inside a pod. */
const ask = (pod: string, url: string) => k('exec', pod, '-c', 'client', '--', 'curl', '-sS', '-m', '5', url);
const askFromHost = (url: string) =>
  execFileSync('curl', ['-sS', '-m', '5', url], { encoding: 'utf8', stdio: 'pipe' });

before(async () => {
  cluster = await startTestCluster(['--nodes', '3'], name);
  await addBusybox(cluster, image);
  const dockerfile = 'FROM scratch\nCOPY root /\nENV PATH=/usr/bin\nCMD ["perl", "-e", "sleep"]\n';
  await addImage(cluster, curl, dockerfile, (root) => {
    copyProgram(root, '/usr/bin/perl');
    copyProgram(root, '/usr/bin/curl');
  });
  const { podRange, serviceRange, link, bridge } = config();
  const ranges = [podRange, serviceRange, link?.range].join(', ');
  const devices = ['lo', bridge, link?.bridge].map((device) => `"${device}"`).join(', ');
  // Last of all: what is still to leave with an address of the cluster is counted.
  const rules = ['saddr', 'daddr'].map(
    (side) => `oifname != { ${devices} } ip ${side} { ${ranges} } counter`,
  );
  const chain = `type filter hook postrouting priority 300; policy accept; ${rules.join('; ')};`;
  execFileSync('nft', [`table ip ${watch} { chain seen { ${chain} }; }`]);
  await apply(daemonSet);
  await apply(service);
  await k('rollout', 'status', 'daemonset/who', '--timeout=90s');
});

after(async () => {
  execFileSync('nft', ['delete', 'table', 'ip', watch]);
  await cluster?.dispose();
});

test('three nodes – are Ready, each with a pod and an address of its own', async () => {
  const nodes = await items<Node>('nodes');
  assert.deepEqual(nodes.map(({ metadata }) => metadata?.name).sort(), ['node-2', 'node-3', first].sort());
  assert.equal(new Set((await places()).map(({ node }) => node)).size, 3);
  assert.equal(new Set(await addresses()).size, 3);
});

test('pods of all nodes – reach each other by address and keep theirs, also from the host', async () => {
  const all = await places();
  for (const from of all) {
    for (const to of all) {
      const caller = from.pod === to.pod ? to.ip : from.ip;
      assert.equal(await ask(from.pod, `http://${to.ip}:8080/cgi-bin/who`), `${to.pod} [::ffff:${caller}]\n`);
    }
  }
  for (const { pod, ip } of all) {
    assert.match(askFromHost(`http://${ip}:8080/cgi-bin/who`), new RegExp(`^${pod} `));
  }
});

test('a service – from pods of each node by name, from the host, by the port of each node – leads to pods of all nodes', async () => {
  const all = await places();
  for (const { pod } of all) {
    assert.match(await ask(pod, 'http://who.default.svc.cluster.local/cgi-bin/who'), /^who-/);
  }
  const { spec } = JSON.parse(await k('get', 'service', 'who', '-o', 'json'));
  const answering = new Set<string>();
  await eventually('answers of all pods', async () => {
    answering.add(askFromHost(`http://${spec.clusterIP}/cgi-bin/who`).split(' ')[0] ?? '');
    assert.equal(answering.size, 3);
  });
  for (const address of await addresses()) {
    assert.match(askFromHost(`http://${address}:${spec.ports[0].nodePort}/cgi-bin/who`), /^who-/);
  }
});

test('logs and exec – of a pod on each node – come from its kubelet', async () => {
  for (const { pod } of await places()) {
    assert.equal(await k('logs', pod, '-c', 'main'), 'serves\n');
    assert.equal(await k('exec', pod, '-c', 'main', '--', 'hostname'), `${pod}\n`);
  }
});

test('a cable that is cut and mended – the node’s pods are reached again', async () => {
  const other = (await places()).find(({ node }) => node === 'node-2');
  assert(other);
  const device = `k${shortName(name, cluster.home)}.2`;
  execFileSync('ip', ['link', 'set', device, 'down']);
  assert.throws(() => askFromHost(`http://${other.ip}:8080/cgi-bin/who`));
  execFileSync('ip', ['link', 'set', device, 'up']);
  await eventually('the answer over the mended cable', async () =>
    assert.match(askFromHost(`http://${other.ip}:8080/cgi-bin/who`), /^who-/),
  );
});

test('kill -9 of a node’s process – another is started, its pods are not', async () => {
  const before = await places();
  const state = join(cluster.home, 'clusters', name, 'nodes', 'node-3', 'state.json');
  const { pid } = JSON.parse(readFileSync(state, 'utf8')).process;
  process.kill(pid, 'SIGKILL');
  await eventually('a new process of the node', async () => {
    const now = JSON.parse(readFileSync(state, 'utf8'));
    assert.ok(now.ready && now.process.pid !== pid);
  });
  const pods = await items<Pod>('pods');
  assert.deepEqual(
    pods.map(({ status }) => status?.containerStatuses?.[0]?.restartCount),
    [0, 0, 0],
  );
  assert.deepEqual(await places(), before);
});

test('kill -9 of the cluster’s process – the nodes’ processes go on, and are not started twice', async () => {
  const pidsOf = () =>
    ['node-2', 'node-3'].map(
      (node) =>
        JSON.parse(readFileSync(join(cluster.home, 'clusters', name, 'nodes', node, 'state.json'), 'utf8'))
          .process.pid,
    );
  const before = pidsOf();
  const { pid } = JSON.parse(await kybern(cluster, ['status', '--name', name, '-o', 'json']));
  process.kill(pid, 'SIGKILL');
  await eventually('a new process of the cluster', async () => {
    const status = JSON.parse(await kybern(cluster, ['status', '--name', name, '-o', 'json']));
    assert.ok(status.phase === 'running' && status.pid !== pid);
  });
  assert.deepEqual(pidsOf(), before);
});

test('a node that is added, and removed – serves, then leaves nothing on the machine', async () => {
  await kybern(cluster, ['node', 'add', 'extra', '--labels', 'disk=ssd', '--name', name]);
  assert.match(await k('get', 'node', 'extra', '--show-labels'), /disk=ssd/);
  await kybern(cluster, ['node', 'remove', 'extra', '--name', name]);
  assert.doesNotMatch(await k('get', 'nodes'), /extra/);
  const run = `/run/kybern/${shortName(name, cluster.home)}-4`;
  assert.deepEqual(
    [existsSync(run), readFileSync('/proc/self/mounts', 'utf8').includes(run)],
    [false, false],
  );
  assert.doesNotMatch(execFileSync('ip', ['link'], { encoding: 'utf8' }), /k[0-9a-f]{10}\.4/);
});

test('all of it – no packet with an address of the cluster has left the machine', () => {
  const counters = execFileSync('nft', ['list', 'table', 'ip', watch], { encoding: 'utf8' });
  assert.equal(counters.match(/packets 0 /g)?.length, 2, counters);
});

test('delete – leaves no device, mount, process or folder', async () => {
  const short = shortName(name, cluster.home);
  await kybern(cluster, ['delete', '--name', name]);
  assert.doesNotMatch(execFileSync('ip', ['link'], { encoding: 'utf8' }), new RegExp(short));
  assert.doesNotMatch(execFileSync('nft', ['list', 'tables'], { encoding: 'utf8' }), new RegExp(short));
  assert.ok(!readFileSync('/proc/self/mounts', 'utf8').includes(short));
  const runs = existsSync('/run/kybern') ? readdirSync('/run/kybern') : [];
  assert.deepEqual(
    runs.filter((entry) => entry.startsWith(short)),
    [],
  );
  const processes = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
  assert.deepEqual(
    processes.split('\n').filter((line) => line.includes(cluster.home)),
    [],
  );
});

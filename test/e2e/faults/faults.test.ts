/**
 * Faults on a real cluster under load: kybern killed, containerd killed, both killed, the store put back from
 * a backup.
 *
 * All the while the calm pods must be the same processes, answer at their service's address, and nothing that
 * was acknowledged may be lost.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { configMaps, namespaces, services } from '#api/generated/kinds.gen.ts';
import type { Service } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { StatusError } from '#api/meta/status.ts';
import type { Client } from '#client/client.ts';
import { createInformers } from '#client/informers/informers.ts';
import { createClient } from '#client/rest/client.ts';
import { httpsTransport } from '#client/transport/https.ts';
import { systemEnv } from '#host/system-env.ts';
import {
  eventually,
  kubectl,
  kybern,
  startTestCluster,
  tryKubectl,
  tryKybern,
} from '../../support/cluster.ts';
import { addBusybox } from '../../support/images.ts';
import { Load, Seen } from './load.ts';

const name = 'faults';
const image = 'kybern.test/busybox:1';
const kills = 5;
const loadMsMax = 1500;
const namespace = 'load';
let cluster: Awaited<ReturnType<typeof startTestCluster>>;
let client: Client;
let closeClient: () => Promise<void>;
const k = (...args: string[]) => kubectl(cluster, args);
const dir = () => join(cluster.home, 'clusters', name);
const up = () => kybern(cluster, ['up', '--name', name]);

before(async () => {
  cluster = await startTestCluster([], name);
  await addBusybox(cluster, image);
  const serve = ['--', '/bin/sh', '-c', 'echo calm > /index.html && exec httpd -f -p 80 -h /'];
  await k('create', 'deployment', 'calm', `--image=${image}`, '--replicas=2', ...serve);
  await k('expose', 'deployment', 'calm', '--port=80');
  await kubectl(cluster, ['apply', '-f', '-'], JSON.stringify(busy));
  await k('rollout', 'status', 'deployment/calm', '--timeout=60s');
  ({ client, close: closeClient } = await connect());
  await client.create(namespaces, { metadata: { name: namespace } });
});
after(async () => {
  await closeClient?.();
  await cluster?.dispose();
});

/** Comes and goes while the rest is looked at. */
const busy = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'busy' },
  spec: {
    selector: { matchLabels: { app: 'busy' } },
    template: {
      metadata: { labels: { app: 'busy' } },
      spec: { terminationGracePeriodSeconds: 1, containers: [{ name: 'main', image }] },
    },
  },
};

async function connect() {
  const config = JSON.parse(await k('config', 'view', '--raw', '-o', 'json'));
  const text = (base64: string) => Buffer.from(base64, 'base64').toString();
  const { cluster: at } = config.clusters[0];
  const { user } = config.users[0];
  const transport = httpsTransport({
    server: at.server,
    ca: text(at['certificate-authority-data']),
    cert: text(user['client-certificate-data']),
    key: text(user['client-key-data']),
  });
  return { client: createClient(transport), close: () => transport.close() };
}

interface Pod {
  metadata: { name: string };
  status: { containerStatuses: { containerID: string; restartCount: number }[] };
}

/**
 * Container, restart count and start of the process of every calm pod: unchanged when nothing was restarted.
 */
async function calmPods(): Promise<string[]> {
  const { items } = JSON.parse(await k('get', 'pods', '-l', 'app=calm', '-o', 'json'));
  return Promise.all(
    items.map(async ({ metadata, status }: Pod) => {
      const [container] = status.containerStatuses;
      const startTicks = await k('exec', metadata.name, '--', 'cut', '-d', ' ', '-f22', '/proc/1/stat');
      return `${metadata.name} ${container?.containerID} ${container?.restartCount} ${startTicks}`;
    }),
  ).then((lines) => lines.sort());
}

async function calmAddress(): Promise<string> {
  return k('get', 'service', 'calm', '-o', 'jsonpath={.spec.clusterIP}');
}

/**
 * From the machine, at the service's address: needs the kernel's tables and the pods, but none of our
 * processes.
 */
async function calmAnswers(address: string): Promise<void> {
  const answer = await fetch(`http://${address}/index.html`, { signal: AbortSignal.timeout(60_000) });
  assert.equal(await answer.text(), 'calm\n');
}

function kill(): void {
  process.kill(JSON.parse(readFileSync(join(dir(), 'state.json'), 'utf8')).process.pid, 'SIGKILL');
}

function killContainerd(): void {
  process.kill(JSON.parse(readFileSync(join(dir(), 'node/containerd.pid'), 'utf8')).pid, 'SIGKILL');
}

function notedRevision(): number {
  return Number(readFileSync(join(dir(), 'state.db.revision'), 'utf8').split(' ')[0]);
}

async function stored() {
  const list = await client.list(configMaps, { namespace });
  return { version: Number(list.metadata.resourceVersion), maps: list.items };
}

/** Makes node-port services until the server is gone; what it acknowledged. */
async function makeServices(round: number): Promise<Stored<Service>[]> {
  const made: Stored<Service>[] = [];
  for (let count = 0; ; count++) {
    const metadata = { name: `service-${round}-${count}`, namespace };
    try {
      const spec = { type: 'NodePort', ports: [{ port: 80 }] };
      made.push(await client.create(services, { metadata, spec }));
    } catch (error) {
      if (error instanceof StatusError && error.code < 500) throw error;
      return made;
    }
  }
}

const addressOf = ({ spec }: Service) => `${spec?.clusterIP}`;
const portOf = ({ spec }: Service) => spec?.ports?.[0]?.nodePort ?? 0;

/** Every service has what the API server acknowledged, and no other service has or can get it. */
async function checkServices(made: readonly Stored<Service>[]): Promise<void> {
  const { items } = await client.list(services, { namespace });
  const byName = new Map(items.map((service) => [service.metadata.name, service]));
  for (const service of made) {
    const now = byName.get(service.metadata.name);
    assert.ok(now, `${service.metadata.name} was acknowledged`);
    assert.deepEqual([addressOf(now), portOf(now)], [addressOf(service), portOf(service)]);
  }
  assert.equal(new Set(items.map(addressOf)).size, items.length, 'an address twice');
  assert.equal(new Set(items.map(portOf)).size, items.length, 'a node port twice');
  for (const service of items.slice(-20)) {
    const ports = [{ port: 80, nodePort: portOf(service) }];
    for (const spec of [
      { clusterIP: addressOf(service), ports: [{ port: 80 }] },
      { type: 'NodePort', ports },
    ]) {
      await assert.rejects(
        client.create(services, { metadata: { name: 'thief', namespace }, spec }),
        /already allocated/,
      );
    }
  }
}

test(`a cluster – killed ${kills} times under load – loses nothing acknowledged and restarts no container`, async (t) => {
  const calm = await calmPods();
  const address = await calmAddress();
  const load = new Load(client, 'map');
  const seen = new Seen(client, String((await stored()).version));
  t.after(() => seen.stop());
  const made: Stored<Service>[] = [];
  for (let round = 0; round < kills; round++) {
    const acknowledged = load.acknowledged;
    const writing = Promise.all([load.run(), makeServices(round)]);
    // Containers are being started and stopped when it dies.
    await k('scale', 'deployment/busy', `--replicas=${round % 2 === 0 ? 4 : 1}`);
    await eventually('much was acknowledged', () => load.acknowledged > acknowledged + 100);
    await wait(Math.random() * loadMsMax);
    kill();
    made.push(...(await writing)[1]);
    load.stop();
    await calmAnswers(address);
    await up();
    await client.create(configMaps, { metadata: { name: `end-${round}`, namespace } });
    await eventually(
      'the watcher has caught up',
      () => seen.state.has(`end-${round}`) || seen.failure !== undefined,
    );
    assert.equal(seen.failure, undefined);
    const { maps } = await stored();
    load.check(maps, seen);
    await checkServices(made);
    assert.deepEqual(await calmPods(), calm);
  }
  await calmAnswers(address);
  await settles('busy', 1);
  t.diagnostic(`${load.acknowledged} writes and ${made.length} services acknowledged`);
});

/** The deployment has its replicas, and not one container more. */
async function settles(deployment: string, replicas: number): Promise<void> {
  await k('scale', `deployment/${deployment}`, `--replicas=${replicas}`);
  await k('rollout', 'status', `deployment/${deployment}`, '--timeout=60s');
  // A sandbox and a container for each pod.
  await eventually('no container is left over', () => containersOf(deployment).length === 2 * replicas);
}

/** As containerd knows them. */
function containersOf(deployment: string): string[] {
  const config = readFileSync(join(dir(), 'node/containerd.toml'), 'utf8');
  const socket = /address = ["'](.*?)["']/.exec(config)?.[1] ?? '';
  const ofPods = `labels."io.kubernetes.pod.name"~="^${deployment}-"`;
  const args = ['--address', socket, '--namespace', 'k8s.io', 'containers', 'list', '--quiet', ofPods];
  return execFileSync('ctr', args, { encoding: 'utf8' }).split('\n').filter(Boolean);
}

test('containerd – killed – comes back; pods run on, old ones end and new ones start', async () => {
  const calm = await calmPods();
  killContainerd();
  await calmAnswers(await calmAddress());
  await settles('busy', 3);
  await settles('busy', 1);
  assert.deepEqual(await calmPods(), calm);
});

test('kybern and containerd – killed at once – are both brought back by up, and the pods run on', async () => {
  const calm = await calmPods();
  const address = await calmAddress();
  await k('scale', 'deployment/busy', '--replicas=4');
  killContainerd();
  kill();
  await calmAnswers(address);
  await up();
  await settles('busy', 2);
  assert.deepEqual(await calmPods(), calm);
});

test('the store – restored from a backup – makes the cluster and its watchers converge to the backup', async (t) => {
  const calm = await calmPods();
  await kybern(cluster, ['down', '--name', name]);
  const backup = join(cluster.home, 'backup.db');
  copyFileSync(join(dir(), 'state.db'), backup);
  await up();
  const informers = createInformers(client, systemEnv());
  t.after(() => informers.stop());
  const view = informers.for(configMaps, { namespace });
  await view.synced();

  await k('create', 'configmap', 'after-the-backup', '-n', namespace);
  await k('scale', 'deployment/busy', '--replicas=0');
  await eventually(
    'busy is gone',
    async () => (await k('get', 'pods', '-l', 'app=busy', '-o', 'name')) === '',
  );
  await eventually('the informer follows', () => view.get(namespace, 'after-the-backup') !== undefined);
  const { version: lost } = await stored();
  await eventually('the store has been noted there', () => notedRevision() >= lost);
  kill();
  for (const suffix of ['', '-wal', '-shm']) rmSync(join(dir(), `state.db${suffix}`), { force: true });
  copyFileSync(backup, join(dir(), 'state.db'));
  const refused = await tryKybern(cluster, ['up', '--name', name]);
  assert.match(refused.stderr, /state\.db-wal is missing: .*\nhint: .*kybern up --name \S+ --accept-loss/);
  await kybern(cluster, ['up', '--name', name, '--accept-loss']);

  const { code } = await tryKubectl(cluster, ['get', 'configmap', 'after-the-backup', '-n', namespace]);
  assert.equal(code, 1);
  const { version: now } = await stored();
  assert.ok(now > lost, 'no version means two things');
  await watchHasToListAgain(lost);
  await refusesFuture(now + 1_000_000);
  await eventually('two busy pods are ready again', async () => {
    return (await k('get', 'deployment', 'busy', '-o', 'jsonpath={.status.readyReplicas}')) === '2';
  });
  await eventually(
    'the informer has listed again',
    () => view.get(namespace, 'after-the-backup') === undefined,
  );
  assert.deepEqual(await calmPods(), calm);
  await calmAnswers(await calmAddress());
});

/** A list says that its version has not been reached, in upstream's words. */
async function refusesFuture(version: number): Promise<void> {
  const resourceVersion = String(version);
  await assert.rejects(client.list(configMaps, { namespace, resourceVersion }), (error: unknown) => {
    assert.ok(error instanceof StatusError);
    assert.deepEqual([error.code, error.reason], [504, 'Timeout']);
    assert.equal(error.status.details?.causes?.[0]?.reason, 'ResourceVersionTooLarge');
    return /^Timeout: Too large resource version: /.test(error.message);
  });
}

async function watchHasToListAgain(version: number): Promise<void> {
  const watching = async () => {
    for await (const _ of client.watch(configMaps, { namespace, resourceVersion: String(version) }));
  };
  await assert.rejects(
    watching(),
    (error: unknown) => error instanceof StatusError && error.code === 410 && error.reason === 'Expired',
  );
}

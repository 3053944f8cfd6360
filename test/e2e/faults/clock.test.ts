/**
 * The machine's clock jumps an hour ahead, and back, under a cluster with real containers.
 *
 * libfaketime stands between kybern's process and the wall clock and follows a file that this test writes;
 * the monotonic clock stays the machine's, as when an administrator or NTP sets the time. containerd, being
 * written in Go, does not ask libc for the time and keeps the old one, so the two disagree as well: harder
 * than the real thing.
 */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { eventually, kubectl, kybern, newCluster, tryKubectl } from '../../support/cluster.ts';
import { addBusybox } from '../../support/images.ts';

const name = 'clock';
const image = 'kybern.test/busybox:1';
const hourSeconds = 3600;
const place = newCluster(name);
const offsetFile = join(place.home, 'offset');
const cluster = {
  ...place,
  env: {
    ...place.env,
    LD_PRELOAD: fakeTimeLibrary(),
    FAKETIME_TIMESTAMP_FILE: offsetFile,
    FAKETIME_CACHE_DURATION: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    NO_FAKE_STAT: '1',
  },
};
const k = (...args: string[]) => kubectl(cluster, args);

interface Pod {
  metadata: { name: string; uid: string };
  status: { containerStatuses: { containerID: string; restartCount: number; ready: boolean }[] };
}

interface Lease {
  metadata: { name: string };
  spec: { holderIdentity: string; acquireTime?: string; renewTime: string; leaseTransitions?: number };
}

let offsetSeconds = 0;
let calm: string[];
let ready: string;
let holders: string[];

before(async () => {
  setClock(0);
  await kybern(cluster, ['up', '--name', name, '--port', '0']);
  await addBusybox(cluster, image);
  await kubectl(cluster, ['apply', '-f', '-'], JSON.stringify(calmDeployment));
  await k('rollout', 'status', 'deployment/calm', '--timeout=60s');
  [calm, ready, holders] = [await containers(), await readySince(), await elected()];
});
after(() => place.dispose());

/** Debian's package `libfaketime`. */
function fakeTimeLibrary(): string {
  const found = readdirSync('/usr/lib').map((dir) => `/usr/lib/${dir}/faketime`);
  const dir = found.find((path) => {
    try {
      return readdirSync(path).includes('libfaketimeMT.so.1');
    } catch {
      return false;
    }
  });
  if (!dir) throw new Error('libfaketime is missing: apt-get install libfaketime');
  return join(dir, 'libfaketimeMT.so.1');
}

function setClock(seconds: number): void {
  offsetSeconds = seconds;
  writeFileSync(offsetFile, `${seconds < 0 ? '' : '+'}${seconds}\n`);
}

/** Probed all the time, with a token that expires long before the hour is over. */
const shortLived = { serviceAccountToken: { path: 'token', expirationSeconds: 600 } };
const calmDeployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'calm' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'calm' } },
    template: {
      metadata: { labels: { app: 'calm' } },
      spec: {
        containers: [
          {
            name: 'main',
            image,
            livenessProbe: { exec: { command: ['true'] }, periodSeconds: 1, initialDelaySeconds: 1 },
            readinessProbe: { exec: { command: ['true'] }, periodSeconds: 1 },
            volumeMounts: [{ name: 'short', mountPath: '/short' }],
          },
        ],
        volumes: [{ name: 'short', projected: { sources: [shortLived] } }],
      },
    },
  },
};

async function calmPods(): Promise<Pod[]> {
  return JSON.parse(await k('get', 'pods', '-l', 'app=calm', '-o', 'json')).items;
}

/** Unchanged when nothing was restarted, replaced or evicted. */
async function containers(): Promise<string[]> {
  return (await calmPods())
    .flatMap(({ metadata, status }) =>
      status.containerStatuses.map(
        (container) =>
          `${metadata.uid} ${container.containerID} ${container.restartCount} ${container.ready}`,
      ),
    )
    .sort();
}

/** When the node became ready: unchanged when it never was not. */
async function readySince(): Promise<string> {
  const { items } = JSON.parse(await k('get', 'nodes', '-o', 'json'));
  const conditions: { type: string; status: string; lastTransitionTime: string }[] =
    items[0].status.conditions;
  const { status, lastTransitionTime } = conditions.find((condition) => condition.type === 'Ready')!;
  return `${status} since ${lastTransitionTime}`;
}

async function leaseList(): Promise<Lease[]> {
  return JSON.parse(await k('get', 'leases', '-A', '-o', 'json')).items;
}

/** Who leads, since when, and how often that has changed. */
async function elected(): Promise<string[]> {
  return (await leaseList()).map(
    ({ metadata, spec }) =>
      `${metadata.name} ${spec.holderIdentity} ${spec.acquireTime} ${spec.leaseTransitions}`,
  );
}

/** All leases are renewed by the clock as it is now. */
async function leasesFollow(): Promise<boolean> {
  const nowMs = Date.now() + offsetSeconds * 1000;
  return (await leaseList()).every(({ spec }) => Math.abs(Date.parse(spec.renewTime) - nowMs) < 20_000);
}

function state(): { url: string; process: { pid: number } } {
  return JSON.parse(readFileSync(join(place.home, 'clusters', name, 'state.json'), 'utf8'));
}

/** Sent without the client certificate, which would authenticate before the token. */
async function tokenWorks(file: string): Promise<void> {
  const pod = (await calmPods())[0]!.metadata.name;
  const token = await k('exec', pod, '--', 'cat', file);
  // What `kubectl auth whoami` asks, for a kubectl that is too old to know it.
  const review = '{"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}';
  const flags = [
    'create',
    '--filename=-',
    // For a kind that cannot be patched kubectl would list CustomResourceDefinitions, which this account may
    // not.
    '--validate=false',
    '--kubeconfig=/dev/null',
    `--server=${state().url}`,
    '--insecure-skip-tls-verify',
    `--token=${token}`,
    '--output=jsonpath={.status.userInfo.username}',
  ];
  const who = await kubectl(cluster, flags, review);
  assert.equal(who, 'system:serviceaccount:default:default');
}

async function nothingWasLost(): Promise<void> {
  assert.deepEqual(await containers(), calm);
  assert.equal(await readySince(), ready);
  assert.deepEqual(await elected(), holders);
}

async function newPodsStart(deployment: string): Promise<void> {
  await k('create', 'deployment', deployment, `--image=${image}`, '--replicas=2');
  await k('rollout', 'status', `deployment/${deployment}`, '--timeout=60s');
  await k('exec', `deployment/${deployment}`, '--', 'true');
  const scheduled = JSON.parse(
    await k('get', 'events', '--field-selector=reason=Scheduled', '-o', 'json'),
  ).items;
  const own = scheduled.filter((event: { message: string }) =>
    event.message.includes(`default/${deployment}-`),
  );
  assert.equal(own.length, 2);
}

async function goesOn(deployment: string): Promise<void> {
  await eventually('all leases follow the clock', leasesFollow);
  await newPodsStart(deployment);
  await eventually('the usual token works', () =>
    tokenWorks('/var/run/secrets/kubernetes.io/serviceaccount/token'),
  );
  // The kubelet looks at a pod's volumes about once a minute.
  await eventually('a token of ten minutes has been renewed', () => tokenWorks('/short/token'), 150_000);
  await nothingWasLost();
}

test('the clock – an hour ahead – restarts nothing, and everything goes on', async () => {
  setClock(hourSeconds);
  await goesOn('ahead');
  const kept = await k('get', 'events', '-o', 'name', '--field-selector=reason=ScalingReplicaSet');
  assert.match(kept, /event\/calm\./, 'events are as old as they were');
});

test('the control plane – killed and started an hour ahead – has the same containers and the same leader', async () => {
  process.kill(state().process.pid, 'SIGKILL');
  await kybern(cluster, ['up', '--name', name]);
  await goesOn('after-a-kill');
});

test('the clock – an hour back again – restarts nothing, and everything goes on', async () => {
  setClock(0);
  await goesOn('back');
  await k('delete', 'deployment', 'ahead', 'after-a-kill', '--wait');
  await eventually('pods that began in the future end', async () => {
    const { stdout } = await tryKubectl(cluster, [
      'get',
      'pods',
      '-l',
      'app in (ahead, after-a-kill)',
      '-o',
      'name',
    ]);
    return stdout === '';
  });
});

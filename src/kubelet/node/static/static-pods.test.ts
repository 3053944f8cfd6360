/** Static pods over a real API server, on a virtual clock; the manifests are what each test says they are. */

import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { nodes, pods } from '#api/generated/kinds.gen.ts';
import { silentLog } from '#base/log.ts';
import { createInformers } from '#client/informers/informers.ts';
import { systemRandom } from '#host/system-env.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import type { NodePod } from '../../pod/pod.ts';
import { ownPods } from '../pod-source.ts';
import { readManifests } from './manifest.ts';
import { StaticPods } from './static-pods.ts';

const clock = new VirtualClock();
const warnings: string[] = [];
const log = { ...silentLog, warn: (message: string) => void warnings.push(message) };
const env = { clock, random: systemRandom, log };
const server = await startTestServer({ env: { ...env, log: silentLog } });
after(() => server.stop());
const { client } = server;

const manifest = (nodeName: string, name: string, image: string) =>
  readManifests(
    `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"${name}"},"spec":{"containers":[{"name":"main","image":"${image}"}]}}`,
    { nodeName, file: name },
  )[0]!;

async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await holds()) return;
    await clock.advance(100);
  }
  assert.fail(`it never came to be: ${what}`);
}

/** A node that lists what it is given, and whose pods end when the test says so. */
class Scene {
  readonly log: string[] = [];
  readonly gone = new Set<string>();
  manifests: NodePod[] | Error = [];
  areComplete = true;
  onChange: () => void = () => undefined;
  readonly pods: StaticPods;
  readonly nodeName: string;

  private constructor(nodeName: string, nodeUid: string) {
    this.nodeName = nodeName;
    this.pods = new StaticPods({
      env,
      client,
      source: ownPods(createInformers(client, env), nodeName),
      intervalMs: 20_000,
      manifests: async () => {
        if (this.manifests instanceof Error) throw this.manifests;
        return { pods: this.manifests, areComplete: this.areComplete };
      },
      watch: (onChange) => {
        this.onChange = onChange;
        return () => undefined;
      },
      nodeOwner: () => ({ apiVersion: 'v1', kind: 'Node', name: nodeName, uid: nodeUid, controller: true }),
    });
  }

  static async start(t: TestContext, nodeName: string, manifests: NodePod[] | Error): Promise<Scene> {
    const { metadata } = await client.create(nodes, { metadata: { name: nodeName } });
    const scene = new Scene(nodeName, metadata.uid);
    scene.manifests = manifests;
    const textOf = ({ metadata, spec }: NodePod) => `${metadata.name} ${spec.containers[0]!.image}`;
    const stop = scene.pods.subscribe(nodeName, {
      onPod: (pod) => void scene.log.push(`begins: ${textOf(pod)}`),
      onGone: (pod) => void scene.log.push(`ends: ${textOf(pod)}`),
      isGone: (uid) => scene.gone.has(uid),
      onMirror: (pod) => void scene.log.push(`mirror: ${pod.metadata.name}`),
    });
    t.after(stop);
    return scene;
  }

  mirror(name: string) {
    return client.get(pods, { namespace: 'default', name }).catch(() => undefined);
  }

  async untilMirror(name: string, image: string): Promise<void> {
    await until(
      `the mirror of ${name}`,
      async () => (await this.mirror(name))?.spec?.containers[0]?.image === image,
    );
  }
}

test('a static pod – of a manifest – begins once and has a mirror that the node owns', async (t) => {
  const pod = manifest('one', 'web', 'web:1');
  const scene = await Scene.start(t, 'one', [pod]);
  await scene.untilMirror('web-one', 'web:1');
  const mirror = await scene.mirror('web-one');
  assert.equal(mirror?.metadata.annotations?.['kubernetes.io/config.mirror'], pod.metadata.uid);
  assert.equal(mirror?.metadata.annotations?.['kubernetes.io/config.source'], 'file');
  assert.deepEqual(
    mirror?.metadata.ownerReferences?.map(({ kind, name, controller }) => ({ kind, name, controller })),
    [{ kind: 'Node', name: 'one', controller: true }],
  );
  assert.equal(scene.pods.mirrorUid(pod), mirror?.metadata.uid);
  await clock.advance(60_000);
  assert.deepEqual(scene.log, ['begins: web-one web:1', 'mirror: web-one']);
});

test('static pods – many of one answer – begin in a turn of the event loop each', async (t) => {
  const many = Array.from({ length: 20 }, (_, i) => manifest('many', `web${i}`, 'web:1'));
  const scene = await Scene.start(t, 'many', []);
  let [turns, isOver] = [0, false];
  const turnsOfPods = new Set<number>();
  const count = () => {
    turns++;
    if (!isOver) setImmediate(count);
  };
  count();
  t.after(() => {
    isOver = true;
  });
  scene.log.push = (line) => {
    if (line.startsWith('begins')) turnsOfPods.add(turns);
    return 0;
  };
  scene.manifests = many;
  scene.onChange();
  await scene.untilMirror('web19-many', 'web:1');
  assert.equal(turnsOfPods.size, 20);
});

test('a static pod – whose mirror a user deletes – runs on and gets a new mirror', async (t) => {
  const scene = await Scene.start(t, 'two', [manifest('two', 'web', 'web:1')]);
  await scene.untilMirror('web-two', 'web:1');
  const uid = (await scene.mirror('web-two'))?.metadata.uid;
  await client.delete(pods, { namespace: 'default', name: 'web-two' });
  await until('a new mirror', async () => {
    const now = (await scene.mirror('web-two'))?.metadata;
    return now !== undefined && now.uid !== uid && now.deletionTimestamp === undefined;
  });
  await until('the second mirror is reported', () => scene.log.length === 3);
  assert.deepEqual(scene.log, ['begins: web-two web:1', 'mirror: web-two', 'mirror: web-two']);
});

test('a static pod – whose manifest changes – ends before the new one begins', async (t) => {
  const old = manifest('three', 'web', 'web:1');
  const scene = await Scene.start(t, 'three', [old]);
  await scene.untilMirror('web-three', 'web:1');
  scene.manifests = [manifest('three', 'web', 'web:2')];
  scene.onChange();
  await until('the old pod ends', () => scene.log.includes('ends: web-three web:1'));
  await clock.advance(5000);
  assert.equal((await scene.mirror('web-three'))?.spec?.containers[0]?.image, 'web:1');
  assert.ok(!scene.log.includes('begins: web-three web:2'));
  scene.gone.add(old.metadata.uid);
  await scene.untilMirror('web-three', 'web:2');
  assert.ok(scene.log.includes('begins: web-three web:2'));
});

test('a static pod – whose manifest is gone – ends, and its mirror after it', async (t) => {
  const pod = manifest('four', 'web', 'web:1');
  const scene = await Scene.start(t, 'four', [pod]);
  await scene.untilMirror('web-four', 'web:1');
  scene.manifests = [];
  await until('it ends', () => scene.log.includes('ends: web-four web:1'));
  await clock.advance(5000);
  assert.ok(await scene.mirror('web-four'));
  scene.gone.add(pod.metadata.uid);
  await until('its mirror is gone', async () => (await scene.mirror('web-four')) === undefined);
});

test('static pods – whose manifests cannot be read – are not known, and nothing of them ends', async (t) => {
  const scene = await Scene.start(t, 'five', new Error('EACCES'));
  let isSynced = false;
  void scene.pods.synced().then(() => {
    isSynced = true;
  });
  await clock.advance(30_000);
  assert.equal(isSynced, false);
  scene.manifests = [manifest('five', 'web', 'web:1')];
  await scene.untilMirror('web-five', 'web:1');
  assert.equal(isSynced, true);
  scene.manifests = new Error('EIO');
  await clock.advance(60_000);
  assert.deepEqual(scene.log, ['begins: web-five web:1', 'mirror: web-five']);
});

test('a mirror pod – left by an earlier kubelet, without a manifest – is deleted', async (t) => {
  const first = await Scene.start(t, 'six', [manifest('six', 'old', 'web:1')]);
  await first.untilMirror('old-six', 'web:1');
  const left = await first.mirror('old-six');
  await client.create(pods, {
    metadata: { name: 'left', namespace: 'default', annotations: left?.metadata.annotations ?? {} },
    spec: { ...left!.spec!, nodeName: 'six' },
  });
  await until('it is gone', async () => (await first.mirror('left')) === undefined);
  assert.ok(await first.mirror('old-six'));
});

test('a mirror pod – whose source has not answered yet – stays until it has', async (t) => {
  const first = await Scene.start(t, 'eight', [manifest('eight', 'near', 'web:1')]);
  first.areComplete = false;
  await first.untilMirror('near-eight', 'web:1');
  first.onChange();
  await clock.advance(1000);
  const near = await first.mirror('near-eight');
  await client.create(pods, {
    metadata: { name: 'far', namespace: 'default', annotations: near?.metadata.annotations ?? {} },
    spec: { ...near!.spec!, nodeName: 'eight' },
  });
  await clock.advance(30_000);
  assert.ok(await first.mirror('far'));
  first.areComplete = true;
  await until('it is gone', async () => (await first.mirror('far')) === undefined);
});

test('a static pod – whose mirror cannot be written – is tried again at its pace, however often something changes', async (t) => {
  const pod = manifest('seven', 'web', 'web:1');
  pod.metadata.labels = { app: 'no label!' };
  const scene = await Scene.start(t, 'seven', [pod]);
  await until(
    'the first try',
    async () => (await scene.mirror('web-seven')) === undefined && warnings.length > 0,
  );
  const pass = async (seconds: number, onSecond = () => {}) => {
    for (let passed = 0; passed < seconds; passed++) {
      onSecond();
      await clock.advance(1000);
      // Real requests were sent before this one.
      await scene.mirror('web-seven');
    }
  };
  await pass(30, () => scene.onChange());
  await pass(60);
  warnings.length = 0;
  await pass(100);
  // Every 20 s by itself, and every 20 s since the manifests are read.
  assert.ok(warnings.length > 2 && warnings.length <= 12, `${warnings.length} tries`);
});

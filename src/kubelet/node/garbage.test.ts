/** What is left of pods on a node, over the simulated runtime, on a virtual clock. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#host/system-env.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import type { PodSetup } from '../runtime/machine.ts';
import { readPodView } from '../runtime/pod-view.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { PodWorker } from '../worker/pod-worker.ts';
import { NodeGarbage } from './garbage.ts';
import type { PodSource } from './pod-source.ts';
import { PodWorkers } from './pod-workers.ts';

class Scene {
  readonly clock = new VirtualClock();
  readonly directories = new Set<string>(['left', 'own']);
  readonly workers = new PodWorkers();
  readonly synced = Promise.withResolvers<void>();
  readonly warnings: string[] = [];
  devicesReleased = 0;
  listProblem: Error | undefined;
  readonly garbage: NodeGarbage;

  constructor() {
    const log = { ...silentLog, warn: (message: string) => void this.warnings.push(message) };
    const runtime = {
      listPodSandboxes: async () => {
        if (this.listProblem) throw this.listProblem;
        return [];
      },
      listContainers: async () => [],
    } as unknown as Runtime;
    const setup = {
      knownPods: async () => [...this.directories],
      cleanUp: async (uid: string) => void this.directories.delete(uid),
      releaseDevices: async () => void this.devicesReleased++,
    } as unknown as PodSetup;
    this.garbage = new NodeGarbage({
      env: { clock: this.clock, random: systemRandom, log },
      runtime,
      setup,
      readView: (uid) => readPodView(runtime, uid),
      workers: this.workers,
      podSource: { synced: () => this.synced.promise } as unknown as PodSource,
      images: undefined,
    });
    this.workers.add('own', { isGone: false } as PodWorker);
  }
}

test('what is left of a pod – before all pods of the node are known – stays', async () => {
  const { garbage, clock, directories, synced } = new Scene();
  garbage.start();
  await clock.advance(300_000);
  assert.deepEqual([...directories], ['left', 'own']);
  synced.resolve();
  await clock.advance(60_000);
  assert.deepEqual([...directories], ['own']);
  garbage.stop();
});

test('a pod that is gone – at the next round – is forgotten, and what is left of it is removed', async () => {
  const { garbage, clock, directories, synced, workers } = new Scene();
  synced.resolve();
  garbage.start();
  await clock.advance(1000);
  workers.add('own', { isGone: true } as PodWorker);
  await clock.advance(60_000);
  assert.equal(workers.has('own'), false);
  assert.deepEqual([...directories], []);
  garbage.stop();
});

test('a round – that fails – is logged, and the next one is made', async () => {
  const scene = new Scene();
  const { garbage, clock, directories, synced, warnings } = scene;
  synced.resolve();
  scene.listProblem = new Error('no containerd');
  garbage.start();
  await clock.advance(1000);
  assert.deepEqual(warnings, ['the node could not be tidied']);
  scene.listProblem = undefined;
  await clock.advance(60_000);
  assert.deepEqual([...directories], ['own']);
  garbage.stop();
});

test('mounts that no pod uses – while pods are not known yet – are looked for all the same', async () => {
  const scene = new Scene();
  scene.garbage.start();
  await scene.clock.advance(1000);
  assert.ok(scene.devicesReleased > 0);
  scene.garbage.stop();
  const before = scene.devicesReleased;
  await scene.clock.advance(300_000);
  assert.equal(scene.devicesReleased, before);
});

test('a node short of disk – asks for room – gets what is left of pods removed at once', async () => {
  const { garbage, directories } = new Scene();
  await garbage.reclaimDisk();
  assert.deepEqual([...directories], ['own']);
});

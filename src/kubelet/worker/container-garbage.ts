/**
 * Removes unused objects: exited containers but the last of each name, exited sandboxes, pods deleted from
 * the API. What cannot be removed now is passed over: it is tried again the next time, and keeps nothing else
 * from its turn.
 */

import type { Env } from '#base/env.ts';
import type { PodSetup } from '../runtime/machine.ts';
import type { PodView } from '../runtime/pod-view.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Removals } from './removals.ts';

/**
 * A container that does not end when it is asked takes a second: after a crash, a node full of deleted pods would run
 * them for minutes.
 */
const orphansAtOnce = 8;

/** What clearing away takes. */
export interface GarbageParts {
  readonly env: Env;
  readonly runtime: Runtime;
  readonly setup: PodSetup;
  /** The runtime's view of a pod, with the termination messages of ended containers. */
  readView(podUid: string): Promise<PodView>;
  readonly removals: Removals;
}

/**
 * `lives` is called after the runtime's lists were read: a pod that came in between is not among the orphans.
 */
export async function collectGarbage(parts: GarbageParts, lives: (podUid: string) => boolean): Promise<void> {
  const [sandboxes, containers, known] = await Promise.all([
    parts.runtime.listPodSandboxes(),
    parts.runtime.listContainers(),
    parts.setup.knownPods(),
  ]);
  const orphans = new Map<string, { namespace: string; name: string; uid: string }>();
  for (const { podUid: uid, namespace, name } of sandboxes) {
    if (!lives(uid)) orphans.set(uid, { uid, namespace, name });
  }
  for (const { podUid: uid, podNamespace: namespace, podName: name } of containers) {
    if (!lives(uid)) orphans.set(uid, { uid, namespace, name });
  }
  const unknown = known.filter((uid) => !lives(uid) && !orphans.has(uid));
  const ofLiving = containers.filter((container) => lives(container.podUid));
  await Promise.all([
    parts.removals.run([...orphans.keys(), ...unknown], orphansAtOnce, (uid) => {
      const orphan = orphans.get(uid);
      return orphan ? removeOrphan(parts, orphan) : parts.setup.cleanUp(uid);
    }),
    removeOldContainers(parts, ofLiving).then(() => removeOldSandboxes(parts, lives)),
  ]);
}

/**
 * Removes the ended containers of pods that have ended, which their statuses no longer need: for a node that is
 * short of disk.
 */
export async function removeEndedContainers(
  parts: GarbageParts,
  hasEnded: (podUid: string) => boolean,
): Promise<void> {
  const containers = await parts.runtime.listContainers();
  const unused = containers.filter(({ state, podUid }) => state === 'exited' && hasEnded(podUid));
  await each(parts, unused, ({ id }) => parts.runtime.removeContainer(id));
}

async function each<T>(
  { env }: GarbageParts,
  list: Iterable<T>,
  remove: (entry: T) => Promise<void>,
): Promise<void> {
  for (const entry of list) {
    await remove(entry).catch((error: unknown) => {
      env.log.warn('an unused container or sandbox could not be removed', { error: String(error) });
    });
  }
}

async function removeOrphan(
  parts: GarbageParts,
  pod: { namespace: string; name: string; uid: string },
): Promise<void> {
  const view = await parts.readView(pod.uid);
  const running = view.containers.filter((container) => container.state === 'running');
  await Promise.all(running.map((container) => parts.runtime.stopContainer(container.id, 1)));
  for (const sandbox of view.sandboxes) await parts.runtime.stopPodSandbox(sandbox.id);
  for (const container of view.containers) await parts.runtime.removeContainer(container.id);
  for (const sandbox of view.sandboxes) await parts.runtime.removePodSandbox(sandbox.id);
  await parts.setup.cleanUp(pod.uid);
  await parts.setup.removeLogs(pod);
}

/** `--previous` and `lastState` need the newest two of each name. */
async function removeOldContainers(
  parts: GarbageParts,
  containers: { id: string; podUid: string; name: string; state: string; createdAtMs: number }[],
): Promise<void> {
  const kept = new Map<string, number>();
  const old = containers
    .sort((a, b) => b.createdAtMs - a.createdAtMs)
    .filter(({ podUid, name, state }) => {
      const key = `${podUid}/${name}`;
      const count = (kept.get(key) ?? 0) + 1;
      kept.set(key, count);
      return count > 2 && state === 'exited';
    });
  await each(parts, old, ({ id }) => parts.runtime.removeContainer(id));
}

/** All but the newest of each pod, once their containers are gone. */
async function removeOldSandboxes(parts: GarbageParts, lives: (podUid: string) => boolean): Promise<void> {
  const [sandboxes, containers] = await Promise.all([
    parts.runtime.listPodSandboxes(),
    parts.runtime.listContainers(),
  ]);
  const used = new Set(containers.map((container) => container.sandboxId));
  const newest = new Set<string>();
  const old = sandboxes
    .sort((a, b) => b.createdAtMs - a.createdAtMs)
    .filter(({ id, podUid, ready }) => {
      if (newest.has(podUid)) return !ready && !used.has(id) && lives(podUid);
      newest.add(podUid);
      return false;
    });
  await each(parts, old, ({ id }) => parts.runtime.removePodSandbox(id));
}

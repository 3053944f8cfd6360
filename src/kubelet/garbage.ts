/** Removes what nobody needs: dead containers but the last of each name, dead sandboxes, pods the API forgot. */

import type { NodeParts } from './node-parts.ts';

/** `lives` is asked after the runtime was: a pod that came meanwhile is in neither answer's way. */
export async function collectGarbage(parts: NodeParts, lives: (podUid: string) => boolean): Promise<void> {
  const [sandboxes, containers] = await Promise.all([
    parts.runtime.listPodSandboxes(),
    parts.runtime.listContainers(),
  ]);
  const orphans = new Map<string, { namespace: string; name: string; uid: string }>();
  for (const { podUid: uid, namespace, name } of sandboxes)
    if (!lives(uid)) orphans.set(uid, { uid, namespace, name });
  for (const { podUid: uid, podNamespace: namespace, podName: name } of containers)
    if (!lives(uid)) orphans.set(uid, { uid, namespace, name });
  for (const orphan of orphans.values()) await removeOrphan(parts, orphan);
  for (const uid of await parts.setup.knownPods()) if (!lives(uid)) await parts.setup.cleanUp(uid);
  await removeOldContainers(
    parts,
    containers.filter((one) => lives(one.podUid)),
  );
  await removeOldSandboxes(parts, lives);
}

async function removeOrphan(
  parts: NodeParts,
  pod: { namespace: string; name: string; uid: string },
): Promise<void> {
  const view = await parts.readView(pod.uid);
  const running = view.containers.filter((one) => one.state === 'running');
  await Promise.all(running.map((one) => parts.runtime.stopContainer(one.id, 1)));
  for (const sandbox of view.sandboxes) await parts.runtime.stopPodSandbox(sandbox.id);
  for (const container of view.containers) await parts.runtime.removeContainer(container.id);
  for (const sandbox of view.sandboxes) await parts.runtime.removePodSandbox(sandbox.id);
  await parts.setup.cleanUp(pod.uid);
  await parts.setup.removeLogs(pod);
}

/** `--previous` and `lastState` need the newest two of each name. */
async function removeOldContainers(
  parts: NodeParts,
  containers: { id: string; podUid: string; name: string; state: string; createdAtMs: number }[],
): Promise<void> {
  const kept = new Map<string, number>();
  for (const one of containers.sort((a, b) => b.createdAtMs - a.createdAtMs)) {
    const key = `${one.podUid}/${one.name}`;
    const count = (kept.get(key) ?? 0) + 1;
    kept.set(key, count);
    if (count > 2 && one.state === 'exited') await parts.runtime.removeContainer(one.id);
  }
}

/** All but the newest of each pod, once their containers are gone. */
async function removeOldSandboxes(parts: NodeParts, lives: (podUid: string) => boolean): Promise<void> {
  const [sandboxes, containers] = await Promise.all([
    parts.runtime.listPodSandboxes(),
    parts.runtime.listContainers(),
  ]);
  const used = new Set(containers.map((one) => one.sandboxId));
  const newest = new Set<string>();
  for (const one of sandboxes.sort((a, b) => b.createdAtMs - a.createdAtMs)) {
    if (!newest.has(one.podUid)) newest.add(one.podUid);
    else if (!one.ready && !used.has(one.id) && lives(one.podUid))
      await parts.runtime.removePodSandbox(one.id);
  }
}

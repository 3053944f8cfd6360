/**
 * Everything that is counted of a node's control groups, as `/metrics/cadvisor` shows it: of the machine, of the
 * groups above pods, of pods, of their sandboxes and containers. Read when it is asked for, a few groups at a time.
 */

import { type CgroupDetails, readCgroupDetails } from '#host/kernel/cgroups/details.ts';
import { type CgroupUsage, readCgroupUsage } from '#host/kernel/cgroups/usage.ts';
import { type InterfaceStats, interfaceStats } from '#host/network/interface-stats.ts';
import type { NodePod } from '../pod/pod.ts';
import type { Runtime, Sandbox } from '../runtime/runtime.ts';
import type { RunningContainer } from './usage.ts';

export interface InspectedGroup {
  /** The path of the group: `/`, `/kubepods/burstable/pod…`. */
  readonly id: string;
  readonly pod?: NodePod;
  /** Absent for what is no container of a pod. */
  readonly container?: RunningContainer;
  /** The runtime's id of a container or sandbox. */
  readonly runtimeId?: string;
  readonly startedAtMs?: number;
  readonly usage: CgroupUsage;
  readonly details: CgroupDetails;
  /** Of the machine, and of the sandboxes of pods with a network of their own. */
  readonly interfaces?: readonly InterfaceStats[];
}

export interface InspectorParts {
  readonly runtime: Pick<Runtime, 'listContainers' | 'listPodSandboxes'>;
  readonly cgroupOf: (pod: NodePod) => string;
  /** Below which the groups of all pods are. */
  readonly podsCgroup: string;
}

type Place = Omit<InspectedGroup, 'usage' | 'details' | 'interfaces'> & { readonly path: string };

const groupsAtOnce = 4;

export async function inspectGroups(
  parts: InspectorParts,
  containers: readonly RunningContainer[],
  pods: readonly NodePod[],
): Promise<InspectedGroup[]> {
  const [sandboxes, listed] = await Promise.all([
    parts.runtime.listPodSandboxes(),
    parts.runtime.listContainers(),
  ]);
  const startedAtMs = new Map(listed.map(({ id, createdAtMs }) => [id, createdAtMs]));
  const places = [
    ...groupsOfPods(parts, pods, sandboxes),
    ...containers.map((each) => placeOf(parts, each, startedAtMs)),
  ];
  const found: (InspectedGroup | undefined)[] = [];
  const waiting = places.entries();
  await Promise.all(
    Array.from({ length: groupsAtOnce }, async () => {
      for (const [index, place] of waiting) found[index] = await inspect(place);
    }),
  );
  return found.filter((group) => group !== undefined);
}

/** Of the machine, of the groups above pods, of pods and of their sandboxes. */
function groupsOfPods(
  { cgroupOf, podsCgroup }: InspectorParts,
  pods: readonly NodePod[],
  sandboxes: readonly Sandbox[],
): Place[] {
  const byUid = new Map(pods.map((pod) => [pod.metadata.uid, pod]));
  const parents = ['', '/burstable', '/besteffort'].map((qos) => podsCgroup + qos);
  return [
    { path: '', id: '/' },
    ...parents.map((path) => ({ path, id: path })),
    ...pods.map((pod) => ({ path: cgroupOf(pod), id: cgroupOf(pod), pod })),
    ...sandboxes.flatMap(({ id: runtimeId, podUid, ready, createdAtMs }) => {
      const pod = byUid.get(podUid);
      if (!pod || !ready) return [];
      const path = `${cgroupOf(pod)}/${runtimeId}`;
      return [{ path, id: path, pod, runtimeId, startedAtMs: createdAtMs }];
    }),
  ];
}

function placeOf(
  { cgroupOf }: InspectorParts,
  container: RunningContainer,
  starts: ReadonlyMap<string, number>,
): Place {
  const path = `${cgroupOf(container.pod)}/${container.id}`;
  const startedAtMs = starts.get(container.id);
  const start = startedAtMs === undefined ? {} : { startedAtMs };
  return { path, id: path, pod: container.pod, container, runtimeId: container.id, ...start };
}

/** Undefined for a group that was removed meanwhile. */
async function inspect({ path, ...place }: Place): Promise<InspectedGroup | undefined> {
  const usage = await readCgroupUsage(path);
  if (!usage) return undefined;
  const details = await readCgroupDetails(path);
  const interfaces = await interfacesOf(place, details);
  return { ...place, usage, details, ...(interfaces ? { interfaces } : {}) };
}

/** A sandbox's first process is in the network of its pod; a pod in the host's network has none of its own. */
async function interfacesOf(place: Omit<Place, 'path'>, { processes }: CgroupDetails) {
  if (place.id === '/') return interfaceStats('self');
  const isSandbox = place.runtimeId !== undefined && place.container === undefined;
  const [pid] = processes;
  if (!isSandbox || pid === undefined || place.pod?.spec.hostNetwork) return undefined;
  return interfaceStats(pid);
}

/** The machine of a simulated node: there is none, but what a pod refers to must exist as on a real one. */

import { configMaps, secrets } from '#api/generated/kinds.gen.ts';
import { rfc3339Micro } from '#base/clock.ts';
import type { ObjectSource } from '../pod/objects/object-source.ts';
import type { NodePod } from '../pod/pod.ts';
import { type PodSetup, SetupError } from '../runtime/machine.ts';
import type { SimulatedRuntime } from './simulated-runtime.ts';

export function simulatedSetup(objects: ObjectSource, runtime: SimulatedRuntime): PodSetup {
  const checked = new Set<string>();
  return {
    async prepare(pod) {
      if (checked.has(pod.metadata.uid)) return;
      for (const ref of neededObjects(pod)) await mustExist(objects, pod, ref);
      checked.add(pod.metadata.uid);
    },
    // Nothing runs that could get out: a simulated node takes what a modern real one takes.
    security: { userNamespaces: true, appArmor: true, seccompDir: '' },
    clusterDomain: 'cluster.local',
    logDirectory: () => '',
    cgroupParent: () => '',
    resolvConf: () => undefined,
    mounts: async () => [],
    devices: () => [],
    terminationMessage: async () => new Uint8Array(),
    async openLog(_, status, tailLines) {
      const log = runtime.log(status.id);
      let at = tailLines === undefined ? 0 : Math.max(0, log.length - tailLines);
      return {
        async next() {
          const lines = log.slice(at).map(({ atMs, line }) => {
            const bytes = Buffer.from(line).toString('latin1');
            return `${rfc3339Micro(atMs)} stdout F ${bytes}`;
          });
          at = log.length;
          return lines;
        },
        unfinished: () => '',
        replaced: async () => false,
        watch: (onChange) => runtime.subscribe?.(onChange) ?? (() => undefined),
        async close() {},
      };
    },
    async cleanUp(podUid) {
      checked.delete(podUid);
    },
    async removeLogs() {},
    knownPods: async () => [],
  };
}

interface Needed {
  volume: string;
  kind: 'configmap' | 'secret';
  name: string;
}

/** The root certificate comes by itself a moment later; a simulated pod need not wait for it. */
function neededObjects(pod: NodePod): Needed[] {
  return (pod.spec.volumes ?? []).flatMap((volume): Needed[] => {
    const { configMap, secret } = volume;
    if (configMap?.name && !configMap.optional) {
      return [{ volume: volume.name, kind: 'configmap', name: configMap.name }];
    }
    if (secret?.secretName && !secret.optional) {
      return [{ volume: volume.name, kind: 'secret', name: secret.secretName }];
    }
    return [];
  });
}

async function mustExist(objects: ObjectSource, pod: NodePod, { volume, kind, name }: Needed): Promise<void> {
  const found = await objects.get(
    kind === 'secret' ? secrets : configMaps,
    pod.metadata.namespace ?? '',
    name,
  );
  if (!found) {
    throw new SetupError(
      'FailedMount',
      `MountVolume.SetUp failed for volume "${volume}" : ${kind} "${name}" not found`,
    );
  }
}

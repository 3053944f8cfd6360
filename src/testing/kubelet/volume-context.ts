/** What a volume plugin is given, with a folder of the test's own for the pod's places and objects as they are listed. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { TestContext } from 'node:test';
import type { KubeObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { silentLog } from '#base/log.ts';
import { unmountUnder } from '#host/kernel/mounts.ts';
import { systemRandom } from '#host/system-env.ts';
import { KubeletRoot } from '#kubelet/paths/kubelet-root.ts';
import type { VolumeContext } from '#kubelet/volumes/volume.ts';
import { type PodTraits, storedPod } from '../objects.ts';
import { VirtualClock } from '../virtual-clock.ts';

export interface VolumeTraits {
  readonly pod?: PodTraits;
  /** By `resource/name`, in the namespace `default`. May be changed while the test runs. */
  readonly objects?: Record<string, KubeObject>;
}

/** Of the pod `p` with the addresses 10.244.0.7 and fd00::7, on a node with 4 CPUs and 8Gi. */
export function volumeContext(t: TestContext, { pod, objects = {} }: VolumeTraits = {}) {
  const dir = mkdtempSync(`${tmpdir()}/kybern-volume-`);
  t.after(async () => {
    await unmountUnder(dir);
    rmSync(dir, { recursive: true });
  });
  const recorded: string[] = [];
  const context = {
    env: { clock: new VirtualClock(), random: systemRandom, log: silentLog },
    record: (type: string, reason: string, message: string) => recorded.push(`${type} ${reason} ${message}`),
    pod: storedPod('p', { node: 'n1', ...pod }),
    objects: {
      get: async ({ resource }: ResourceType, namespace: string, name: string) =>
        namespace === 'default' ? objects[`${resource}/${name}`] : undefined,
    },
    podsDir: `${dir}/pods`,
    pluginsDir: `${dir}/plugins`,
    volumeDevicesDir: `${dir}/devices`,
    volumesDir: `${dir}/disk`,
    memoryVolumesDir: `${dir}/memory`,
    root: new KubeletRoot(`${dir}/kubelet`),
    nodeIp: '192.0.2.1',
    podIps: ['10.244.0.7', 'fd00::7'],
    allocatable: { cpu: '4', memory: '8Gi' },
  };
  return { dir, recorded, context: context as unknown as VolumeContext };
}

/** The files that a container sees, each with its text and its mode. */
export function filesIn(path: string): Record<string, string> {
  const names = readdirSync(path).filter((name) => !name.startsWith('..'));
  return Object.fromEntries(
    names.sort().map((name) => {
      const mode = (statSync(`${path}/${name}`).mode & 0o777).toString(8);
      return [name, `${mode} ${readFileSync(`${path}/${name}`, 'utf8')}`];
    }),
  );
}

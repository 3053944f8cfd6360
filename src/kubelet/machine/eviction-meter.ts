/** Measures what evictions are decided by: what is left of this machine, and what its pods use. */

import type { Signal } from '#api/configuration/kubelet/thresholds.ts';
import type { Env } from '#base/env.ts';
import { errorText } from '#base/text/error-text.ts';
import type { DiskUse } from '#host/files/disk-use.ts';
import {
  areOnOneFileSystem,
  type FileSystemRoom,
  fileSystemRoom,
  memoryLimitBytes,
  memoryRoom,
  processesIn,
  processRoom,
  workingSetBytes,
} from '#host/kernel/node-signals.ts';
import type { NodePod } from '../pod/pod.ts';
import type {
  ContainerUse,
  EvictionMeter,
  Observation,
  Observations,
  PodUse,
  PodUses,
  Resource,
} from '../runtime/eviction-meter.ts';
import type { PodSetup } from '../runtime/machine.ts';
import type { ContainerUsage, Runtime } from '../runtime/runtime.ts';

export interface NodeMeterParts {
  readonly env: Env;
  readonly runtime: Runtime;
  readonly setup: PodSetup;
  /** On the nodefs. */
  readonly dataDir: string;
  /** On the imagefs. */
  readonly imageDir: string;
  /** The control group of all pods. */
  readonly podsCgroup: string;
}

const noDisk: DiskUse = { bytes: 0, inodes: 0 };

export class MachineEvictionMeter implements EvictionMeter {
  readonly #parts: NodeMeterParts;
  #dedicated: Promise<boolean> | undefined;

  constructor(parts: NodeMeterParts) {
    this.#parts = parts;
  }

  async observe(): Promise<Observations> {
    const { dataDir, imageDir, podsCgroup } = this.#parts;
    const [memory, pods, nodeFs, imageFs, processes] = await Promise.all([
      memoryRoom(),
      podsMemory(podsCgroup),
      fileSystemRoom(dataDir),
      fileSystemRoom(imageDir),
      processRoom(),
    ]);
    const found: [Signal, Observation | undefined][] = [
      ['memory.available', memory],
      ['allocatableMemory.available', pods],
      ...ofFileSystem('nodefs', nodeFs),
      ...ofFileSystem('imagefs', imageFs),
      ['pid.available', processes],
    ];
    return new Map(found.flatMap(([signal, observation]) => (observation ? [[signal, observation]] : [])));
  }

  hasDedicatedImageFs(): Promise<boolean> {
    const { dataDir, imageDir } = this.#parts;
    this.#dedicated ??= areOnOneFileSystem(dataDir, imageDir).then((isShared) => !isShared);
    return this.#dedicated;
  }

  async uses(pods: readonly NodePod[], resource: Resource): Promise<PodUses> {
    const usage = await this.#parts.runtime.listUsage();
    const uses = new Map<string, PodUse>();
    for (const pod of pods) {
      const { uid } = pod.metadata;
      const containers = usage.filter(({ podUid }) => podUid === uid);
      try {
        uses.set(uid, await this.#useOf(pod, containers, resource));
      } catch (error) {
        const problem = { pod: pod.metadata.name, error: errorText(error) };
        this.#parts.env.log.warn('what a pod uses could not be measured', problem);
      }
    }
    return uses;
  }

  /** Walks the folders of a pod for disk and inodes only: it may take long. */
  async #useOf(pod: NodePod, containers: readonly ContainerUsage[], resource: Resource): Promise<PodUse> {
    const { setup } = this.#parts;
    const cgroup = setup.cgroupParent(pod);
    const isDisk = resource === 'ephemeral-storage' || resource === 'inodes';
    const storage = isDisk ? await setup.storageUse?.(pod) : undefined;
    return {
      memoryBytes: resource === 'memory' ? await workingSetBytes(cgroup) : 0,
      processes: resource === 'pids' ? await processesIn(cgroup) : 0,
      containers: containers.map((container): ContainerUse => {
        const { name, memoryBytes, writtenBytes, writtenInodes } = container;
        const rootfs = { bytes: writtenBytes, inodes: writtenInodes };
        return { name, memoryBytes, rootfs, logs: storage?.logs.get(name) ?? noDisk };
      }),
      volumes: [...(storage?.emptyDirs.values() ?? [])].reduce(sum, noDisk),
    };
  }
}

function sum(a: DiskUse, b: DiskUse): DiskUse {
  return { bytes: a.bytes + b.bytes, inodes: a.inodes + b.inodes };
}

/** Undefined where all pods together have no limit. */
async function podsMemory(cgroup: string): Promise<Observation | undefined> {
  const capacity = await memoryLimitBytes(cgroup);
  if (capacity === undefined) return undefined;
  return { available: capacity - (await workingSetBytes(cgroup)), capacity };
}

function ofFileSystem(
  name: 'nodefs' | 'imagefs',
  { bytes, inodes }: FileSystemRoom,
): [Signal, Observation | undefined][] {
  return [
    [`${name}.available`, bytes],
    [`${name}.inodesFree`, inodes],
  ];
}

/** The machine behind a real node, as far as its stats are asked for. */

import type { Clock } from '#base/clock.ts';
import { type CpuPlace, readCpuPlaces } from '#host/kernel/cpus/places.ts';
import type { MachineFacts } from '#host/kernel/machine-facts.ts';
import type { NodePod } from '../pod/pod.ts';
import type { PodSetup } from '../runtime/machine.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { type InspectedGroup, inspectGroups } from './inspected-groups.ts';
import { type NodeStats, readNodeStats } from './node-stats.ts';
import { PodMeasures } from './pod-measures.ts';
import type { RunningContainer } from './usage.ts';
import { type VolumeUse, volumeUses } from './volume-uses.ts';

export interface MachineUsageParts {
  readonly clock: Clock;
  readonly facts: MachineFacts;
  readonly runtime: Pick<Runtime, 'listContainers' | 'listPodSandboxes'>;
  readonly setup: PodSetup;
  readonly dataDir: string;
  readonly imageDir: string;
  /** The control group of all pods. */
  readonly podsCgroup: string;
}

export type StorageUse = Awaited<ReturnType<NonNullable<PodSetup['storageUse']>>>;

/** What runs on the machine when it is asked. */
export interface OnMachine {
  pods(): readonly NodePod[];
  containers(): readonly RunningContainer[];
}

export class MachineUsage {
  readonly #parts: MachineUsageParts;
  readonly #on: OnMachine;
  readonly #storage: PodMeasures<StorageUse>;
  readonly #volumes: PodMeasures<readonly VolumeUse[]>;

  constructor(parts: MachineUsageParts, on: OnMachine) {
    this.#parts = parts;
    this.#on = on;
    const { clock, setup, dataDir } = parts;
    const none = async () => ({ emptyDirs: new Map(), logs: new Map() });
    this.#storage = new PodMeasures(clock, (pod) => (setup.storageUse ?? none)(pod));
    this.#volumes = new PodMeasures(clock, (pod) => volumeUses(setup, dataDir, pod));
  }

  get facts(): MachineFacts {
    return this.#parts.facts;
  }

  /** Empty where the kernel shows no topology. */
  async cpuPlaces(): Promise<readonly CpuPlace[]> {
    return readCpuPlaces().catch(() => []);
  }

  inspect(): Promise<InspectedGroup[]> {
    const { runtime, setup, podsCgroup } = this.#parts;
    const parts = { runtime, podsCgroup, cgroupOf: (pod: NodePod) => setup.cgroupParent(pod) };
    return inspectGroups(parts, this.#on.containers(), this.#on.pods());
  }

  stats(): Promise<NodeStats> {
    return readNodeStats(this.#parts.dataDir, this.#parts.imageDir);
  }

  /** Of the emptyDirs and logs of each pod, by its uid. */
  storageUses(): Promise<ReadonlyMap<string, StorageUse>> {
    return this.#storage.of(this.#on.pods());
  }

  /** Of the claims and of the volumes of drivers of each pod, by its uid. */
  volumeUses(): Promise<ReadonlyMap<string, readonly VolumeUse[]>> {
    return this.#volumes.of(this.#on.pods());
  }
}

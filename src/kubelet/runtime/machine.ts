/**
 * What a pod needs from its machine beside the runtime: directories, control groups, volumes, files in
 * containers.
 */

import type { AnyContainer } from '#api/pods/containers.ts';
import type { Metric } from '#base/metrics/metric.ts';
import type { DiskUse } from '#host/files/disk-use.ts';
import type { FileSystemRoom } from '#host/kernel/node-signals.ts';
import type { NodePod } from '../pod/pod.ts';
import type { ContainerStatus, ContainerSummary } from './runtime.ts';
import type { ContainerDevice, ContainerMount } from './runtime-config.ts';

type SetupReason = 'FailedMount' | 'FailedMapVolume' | 'FailedCreatePodContainer' | 'Failed';

/** The set-up of a pod failed; recorded as an event with this reason, and tried again. */
export class SetupError extends Error {
  override name = 'SetupError';
  readonly reason: SetupReason;
  constructor(reason: SetupReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** The pod cannot run on this node, and fails as one that was not admitted. */
export class PodRejected extends Error {
  override name = 'PodRejected';
  readonly reason: 'VolumeAttachmentLimitExceeded';
  constructor(reason: PodRejected['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}

export interface ContainerPlace {
  readonly pod: NodePod;
  readonly container: AnyContainer;
  readonly attempt: number;
  readonly podIps: readonly string[];
  readonly hostname: string;
  /** The container's environment, for `subPathExpr`. */
  readonly variables: ReadonlyMap<string, string>;
}

export interface ContainerLog {
  /** The complete lines of the file now, with one character for each byte; empty when there are no more. */
  next(): Promise<string[]>;
  /** What stands after the last complete line. */
  unfinished(): string;
  /** True when the log was rotated: open it again. */
  replaced(): Promise<boolean>;
  /** Calls back when there may be more. */
  watch(onChange: () => void): () => void;
  close(): Promise<void>;
}

export interface LogFiles {
  /** Moves logs that have grown too long aside; returns the ids of containers that must open theirs again. */
  rotate(pod: NodePod, containers: readonly ContainerSummary[]): Promise<string[]>;
  /** Compresses and removes what was moved aside, once the containers write elsewhere. */
  tidy(pod: NodePod, containers: readonly ContainerSummary[]): Promise<void>;
}

/** What a machine can do to keep its pods apart from each other and from itself. */
export interface NodeSecurity {
  /** Pods with `hostUsers: false` get users of their own. */
  readonly userNamespaces: boolean;
  /** The kernel enforces AppArmor profiles. */
  readonly appArmor: boolean;
  /** Where the seccomp profiles of the type Localhost lie. */
  readonly seccompDir: string;
}

/** The size of a volume, and what is used of it. */
export interface VolumeStats {
  readonly room: FileSystemRoom;
  /** Absent where all that is not available is in use. */
  readonly use?: DiskUse;
}

export interface MeasurableVolume {
  /** On the machine. */
  readonly path: string;
  /** A device, and no directory. */
  readonly isBlock: boolean;
  /** As its driver reports it, undefined when that reports nothing; absent where the machine is asked. */
  readonly measure?: (() => Promise<VolumeStats | undefined>) | undefined;
}

export interface PodSetup {
  /** Of its volumes; absent where there are none. */
  readonly metrics?: readonly Metric[];
  readonly security: NodeSecurity;
  /** Makes everything ready, or brings volumes up to date; harmless when it is. Throws `SetupError` or `PodRejected`. */
  prepare(pod: NodePod): Promise<void>;
  /** `cluster.local`. */
  readonly clusterDomain: string;
  logDirectory(pod: NodePod): string;
  cgroupParent(pod: NodePod): string;
  /**
   * Changes the limits of the pod as a whole: `rise` only lifts them, `settle` makes them what they are to
   * be.
   */
  resizePod?(pod: NodePod, how: 'rise' | 'settle'): Promise<void>;
  resolvConf(pod: NodePod): { servers: string[]; searches: string[]; options: string[] } | undefined;
  mounts(place: ContainerPlace): Promise<ContainerMount[]>;
  /**
   * Mounts an image, by its id, as the volume of that name, which `prepare` has made a place for; harmless
   * when it is mounted. Absent where nothing is mounted.
   */
  mountImage?(pod: NodePod, volume: string, image: string): Promise<void>;
  /** Block devices of claims. */
  devices(place: ContainerPlace): ContainerDevice[];
  /**
   * A file that a container left in a volume of its pod, and where it lies; absent where there are no files.
   */
  readVolumeFile?(pod: NodePod, volume: string, path: string): Promise<{ at: string; content: Buffer }>;
  /** A volume of a pod that is set up; absent where there are no files. */
  volume?(pod: NodePod, name: string): MeasurableVolume | undefined;
  /** The termination message of an ended container. */
  terminationMessage(pod: NodePod, container: AnyContainer, status: ContainerStatus): Promise<Uint8Array>;
  /**
   * The container's log in the runtime's format, from the last `tailLines` on; undefined when there is none.
   */
  openLog(pod: NodePod, status: ContainerSummary, tailLines?: number): Promise<ContainerLog | undefined>;
  /** Absent where logs do not grow. */
  readonly logFiles?: LogFiles;
  /**
   * What a pod's volumes and logs take of the disk, by volume and by container; absent where there is no
   * disk.
   */
  storageUse?(pod: NodePod): Promise<{ emptyDirs: Map<string, DiskUse>; logs: Map<string, DiskUse> }>;
  /** Unmounts and removes what `prepare` made; logs stay until `removeLogs`. */
  cleanUp(podUid: string): Promise<void>;
  removeLogs(pod: { namespace: string; name: string; uid: string }): Promise<void>;
  /** Pods whose directories exist. */
  knownPods(): Promise<string[]>;
  /** Unmounts what pods share and none uses any more; absent where nothing is mounted. */
  releaseDevices?(): Promise<void>;
}

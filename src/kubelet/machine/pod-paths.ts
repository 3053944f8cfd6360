/** Where a pod's things lie on a real machine. */

import type { NodePod } from '../pod/pod.ts';
import type { VolumePlaces } from '../volumes/volume.ts';

export interface PodName {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

export class PodPaths {
  /** One directory for each pod. */
  readonly pods: string;
  /** Profiles that pods may name. */
  readonly seccomp: string;
  /** A tmpfs. */
  readonly memory: string;
  /** Mounts that all pods of the node share. */
  readonly plugins: string;
  readonly #logs: string;

  constructor(dataDir: string) {
    this.pods = `${dataDir}/pods`;
    this.seccomp = `${dataDir}/seccomp`;
    this.memory = `${dataDir}/memory`;
    this.plugins = `${dataDir}/plugins`;
    this.#logs = `${dataDir}/logs`;
  }

  directory(uid: string): string {
    return `${this.pods}/${uid}`;
  }

  volumes(uid: string): string {
    return `${this.directory(uid)}/volumes`;
  }

  volumeDevices(uid: string): string {
    return `${this.directory(uid)}/volumeDevices`;
  }

  memoryVolumes(uid: string): string {
    return `${this.memory}/${uid}`;
  }

  volumePlaces(uid: string): VolumePlaces {
    return {
      podsDir: this.pods,
      volumesDir: this.volumes(uid),
      volumeDevicesDir: this.volumeDevices(uid),
      pluginsDir: this.plugins,
      memoryVolumesDir: this.memoryVolumes(uid),
    };
  }

  hostsFile(uid: string): string {
    return `${this.directory(uid)}/etc-hosts`;
  }

  /** Parts of volumes, bound to where containers find them. */
  subPaths(uid: string): string {
    return `${this.directory(uid)}/volume-subpaths`;
  }

  /** Of one container, all its lives. */
  terminationMessage(uid: string, container: string): string {
    return `${this.directory(uid)}/containers/${container}`;
  }

  logsOf({ namespace, name, uid }: PodName): string {
    return `${this.#logs}/${namespace}_${name}_${uid}`;
  }

  logDirectory({ metadata: { namespace = '', name, uid } }: NodePod): string {
    return this.logsOf({ namespace, name, uid });
  }

  log(pod: NodePod, { name, attempt }: { name: string; attempt: number }): string {
    return `${this.logDirectory(pod)}/${name}/${attempt}.log`;
  }
}

/**
 * `/var/lib/kubelet` as pods and drivers of this cluster know it, and the folder of the machine that stands
 * for it. Each cluster has a folder of its own, so that several live on one machine (decision 0022).
 */

import { posix } from 'node:path';

const standardRoot = '/var/lib/kubelet';

export class KubeletRoot {
  readonly #machineDir: string;

  /** `machineDir` is an absolute path. */
  constructor(machineDir: string) {
    this.#machineDir = machineDir;
  }

  /** The folder of the machine, or the folder of that name in it. */
  machineDir(name?: string): string {
    return name === undefined ? this.#machineDir : `${this.#machineDir}/${name}`;
  }

  /** Where a path that a pod or a driver names lies on the machine; the same path outside `/var/lib/kubelet`. */
  toMachine(path: string): string {
    return moved(path, standardRoot, this.#machineDir);
  }

  /** The inverse: how drivers know a path of the kubelet's. */
  toStandard(path: string): string {
    return moved(path, this.#machineDir, standardRoot);
  }
}

function moved(path: string, from: string, to: string): string {
  const normal = posix.normalize(path);
  if (normal === from || normal === `${from}/`) return to;
  return normal.startsWith(`${from}/`) ? `${to}${normal.slice(from.length)}` : path;
}

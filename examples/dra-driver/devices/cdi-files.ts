/** CDI files: what the container runtime does for a container that gets a device. One for each prepared claim. */

import { mkdir, rename, rm, writeFile } from 'node:fs/promises';

/** What a container gets of one board. */
export interface BoardEdits {
  readonly name: string;
  readonly serial: string;
  /** On the node. */
  readonly file: string;
}

export class CdiFiles {
  readonly #dir: string;
  readonly #vendor: string;

  /** `dir`: `/var/run/cdi` of the node, as this process sees it. `vendor`: a domain, such as the driver's name. */
  constructor(dir: string, vendor: string) {
    this.#dir = dir;
    this.#vendor = vendor;
  }

  /** The id by which the container runtime finds the device of a claim. */
  idOf(claimUid: string, device: string): string {
    return `${this.#kind}=${claimUid}-${device}`;
  }

  /** Replaces what was written of the claim. The file is there as a whole or not at all. */
  async write(claimUid: string, boards: readonly BoardEdits[]): Promise<void> {
    const spec = {
      cdiVersion: '0.5.0',
      kind: this.#kind,
      devices: boards.map(({ name, serial, file }) => ({
        name: `${claimUid}-${name}`,
        containerEdits: {
          env: [`${name.toUpperCase().replaceAll('-', '_')}=${serial}`],
          mounts: [{ hostPath: file, containerPath: `/boards/${name}`, options: ['ro', 'bind'] }],
        },
      })),
    };
    await mkdir(this.#dir, { recursive: true });
    const path = this.#pathOf(claimUid);
    await writeFile(`${path}.new`, JSON.stringify(spec));
    await rename(`${path}.new`, path);
  }

  /** Harmless when there is none. */
  async remove(claimUid: string): Promise<void> {
    await rm(this.#pathOf(claimUid), { force: true });
  }

  get #kind(): string {
    return `${this.#vendor}/board`;
  }

  #pathOf(claimUid: string): string {
    return `${this.#dir}/${this.#vendor}-claim-${claimUid}.json`;
  }
}

/**
 * The devices of this node: what you replace. A board is a file in a folder of the node; a container that gets it sees
 * the file. A file of the same name with `.broken` makes it unhealthy, and says why.
 */

import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';

const broken = '.broken';

export class Boards {
  readonly #dir: string;

  /** `dir`: as the node knows it, since containers get files of it. */
  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Makes the boards that this pretended hardware has. */
  async plugIn(count: number): Promise<void> {
    await mkdir(this.#dir, { recursive: true });
    for (let number = 0; number < count; number++) {
      const file = this.fileOf(`board-${number}`);
      await writeFile(file, `serial-${number}\n`, { flag: 'wx' }).catch((error) => {
        if (error.code !== 'EEXIST') throw error;
      });
    }
  }

  async names(): Promise<string[]> {
    return (await readdir(this.#dir)).filter((name) => !name.endsWith(broken)).sort();
  }

  fileOf(name: string): string {
    return `${this.#dir}/${name}`;
  }

  async serialOf(name: string): Promise<string> {
    return (await readFile(this.fileOf(name), 'utf8')).trim();
  }

  /** Undefined for a board that works. */
  async problemOf(name: string): Promise<string | undefined> {
    const text = await readFile(`${this.fileOf(name)}${broken}`, 'utf8').catch(() => undefined);
    return text?.trim();
  }
}

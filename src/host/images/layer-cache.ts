/**
 * Keeps what the steps of builds have made: a step that would run over the same files, with the same command and variables,
 * has its layer again. In a folder of files, `KEY-DIGEST`; those unused for the longest time are removed above a size.
 */

import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Layer, layerOf } from './oci-image.ts';

const kept = /^([0-9a-f]{64})-([0-9a-f]{64})$/;
const bytesMaxDefault = 5 * 1024 ** 3;

export class LayerCache {
  readonly #dir: string;
  readonly #bytesMax: number;

  constructor(dir: string, bytesMax = bytesMaxDefault) {
    this.#dir = dir;
    this.#bytesMax = bytesMax;
  }

  /** `key`: a SHA-256 in hex. A file whose bytes are not those that were kept is removed. */
  async get(key: string): Promise<Layer | undefined> {
    const name = (await this.#names()).find((found) => found.startsWith(`${key}-`));
    if (name === undefined) return undefined;
    const path = join(this.#dir, name);
    try {
      const layer = layerOf(await readFile(path));
      if (layer.digest === `sha256:${kept.exec(name)?.[2]}`) {
        const now = new Date();
        await utimes(path, now, now);
        return layer;
      }
    } catch {
      // Removed by a build at the same time, or unreadable: the step runs.
    }
    await rm(path, { force: true });
    return undefined;
  }

  /** A layer that cannot be kept is no failure of the build: its step runs again the next time. */
  async put(key: string, { digest, content }: Layer): Promise<void> {
    if (!content || content.length > this.#bytesMax) return;
    const path = join(this.#dir, `${key}-${digest.slice('sha256:'.length)}`);
    const unfinished = `${path}.${process.pid}`;
    try {
      await mkdir(this.#dir, { recursive: true, mode: 0o700 });
      await writeFile(unfinished, content, { mode: 0o600 });
      await rename(unfinished, path);
      await this.#trim();
    } catch {
      await rm(unfinished, { force: true }).catch(() => {});
    }
  }

  async #trim(): Promise<void> {
    const files = await Promise.all(
      (await readdir(this.#dir)).map(async (name) => {
        const path = join(this.#dir, name);
        const { size, mtimeMs } = await stat(path);
        return { path, size, mtimeMs };
      }),
    );
    let bytes = files.reduce((sum, { size }) => sum + size, 0);
    for (const { path, size } of files.sort((a, b) => a.mtimeMs - b.mtimeMs)) {
      if (bytes <= this.#bytesMax) return;
      await rm(path, { force: true });
      bytes -= size;
    }
  }

  async #names(): Promise<string[]> {
    const names = await readdir(this.#dir).catch(() => []);
    return names.filter((name) => kept.test(name));
  }
}

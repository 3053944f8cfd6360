/**
 * The manifests of static pods: a folder of files, or one file. Files whose name begins with a dot, folders and
 * everything that cannot be read as a pod are passed over, each with a line in the log.
 */

import type { Env } from '#base/env.ts';
import { errorText } from '#base/text/error-text.ts';
import { kindOf, listDirectory, readStart } from '#host/files/files.ts';
import type { NodePod } from '../../pod/pod.ts';
import { type ManifestReader, manifestBytesMax } from './manifest-reader.ts';

export class ManifestFolder {
  readonly #env: Env;
  readonly #reader: ManifestReader;
  readonly #path: string;
  readonly #nodeName: string;
  /** What was wrong with each file when it was read last: the log has it once. */
  readonly #problems = new Map<string, string>();

  constructor(env: Env, reader: ManifestReader, path: string, nodeName: string) {
    this.#env = env;
    this.#reader = reader;
    this.#path = path;
    this.#nodeName = nodeName;
  }

  /** Empty when there is nothing at the path. Rejects when the path cannot be read. */
  async read(): Promise<NodePod[]> {
    const kind = await kindOf(this.#path);
    if (kind === undefined) return [];
    if (kind !== 'directory') return this.#readAll([this.#path]);
    const names = (await listDirectory(this.#path)).filter((name) => !name.startsWith('.'));
    return this.#readAll(names.sort().map((name) => `${this.#path}/${name}`));
  }

  async #readAll(files: readonly string[]): Promise<NodePod[]> {
    const pods: NodePod[] = [];
    for (const file of files) {
      try {
        pods.push(...(await this.#readOne(file)));
        this.#problems.delete(file);
      } catch (error) {
        this.#report(file, errorText(error));
      }
    }
    return pods;
  }

  async #readOne(file: string): Promise<readonly NodePod[]> {
    if ((await kindOf(file)) !== 'file') throw new Error('it is no file');
    const text = await readStart(file, manifestBytesMax + 1);
    if (text.length > manifestBytesMax) throw new Error(`it has more than ${manifestBytesMax} bytes`);
    return this.#reader.read(text, { nodeName: this.#nodeName, file });
  }

  #report(file: string, error: string): void {
    if (this.#problems.get(file) === error) return;
    this.#problems.set(file, error);
    this.#env.log.warn('the manifest of a static pod cannot be used', { file, error });
  }
}

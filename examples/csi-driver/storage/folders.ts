/**
 * Where the volumes of a node are: a folder for each, and beside it what is known of it. Replace this file by
 * the calls of your storage.
 */

import { mkdir, readdir, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RpcError } from '../protocol/service.ts';

export interface VolumeRecord {
  readonly id: string;
  readonly bytes: number;
  /** The node that it is attached to. */
  readonly attachedTo?: string;
}

export class Folders {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Of a volume that may not exist. Throws for a name that would lead out of the storage. */
  pathOf(id: string): string {
    if (!/^[a-z0-9][a-z0-9.-]{0,127}$/.test(id)) {
      throw new RpcError('INVALID_ARGUMENT', `invalid volume id ${id}`);
    }
    return join(this.#dir, id, 'data');
  }

  async find(id: string): Promise<VolumeRecord | undefined> {
    try {
      return JSON.parse(await readFile(this.#recordOf(id), 'utf8')) as VolumeRecord;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  async get(id: string): Promise<VolumeRecord> {
    const found = await this.find(id);
    if (!found) throw new RpcError('NOT_FOUND', `there is no volume ${id}`);
    return found;
  }

  /** Made again, it stays as it is. */
  async make(record: VolumeRecord): Promise<void> {
    await mkdir(this.pathOf(record.id), { recursive: true, mode: 0o777 });
    await this.write(record);
  }

  async write(record: VolumeRecord): Promise<void> {
    await writeFile(this.#recordOf(record.id), JSON.stringify(record));
  }

  async remove(id: string): Promise<void> {
    await rm(join(this.pathOf(id), '..'), { recursive: true, force: true });
  }

  async list(): Promise<string[]> {
    return readdir(this.#dir).catch(() => []);
  }

  /** Of the disk that the folders are on. */
  async freeBytes(): Promise<number> {
    await mkdir(this.#dir, { recursive: true });
    const { bavail, bsize } = await statfs(this.#dir);
    return bavail * bsize;
  }

  #recordOf(id: string): string {
    return join(this.pathOf(id), '../volume.json');
  }
}

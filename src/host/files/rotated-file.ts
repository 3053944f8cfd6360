/**
 * A file that lines are added to, moved aside when it is full: as lumberjack does it, with the time in the
 * name of the old one (`audit-2026-01-02T03-04-05.678.log`), and the oldest removed.
 */

import {
  closeSync,
  createReadStream,
  createWriteStream,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Env } from '#base/env.ts';

export interface Rotation {
  readonly fileBytesMax: number;
  /** Old files are removed when they are older. 0: never for that reason. */
  readonly ageMsMax: number;
  /** So many old files are kept. 0: all. */
  readonly backupsMax: number;
  /** Old files become `.gz`. */
  readonly compresses: boolean;
}

export class RotatedFile {
  readonly #env: Env;
  readonly #path: string;
  readonly #rotation: Rotation;
  #file: { readonly descriptor: number; bytes: number } | undefined;
  /** Compressing and removing go one after the other. */
  #tidying: Promise<void> = Promise.resolve();

  /** Throws when the file cannot be written. */
  constructor(env: Env, path: string, rotation: Rotation) {
    this.#env = env;
    this.#path = path;
    this.#rotation = rotation;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.#open();
  }

  /** Throws when not all of it could be written. */
  write(text: string): void {
    const bytes = Buffer.from(text);
    const { fileBytesMax } = this.#rotation;
    let file = this.#file ?? this.#open();
    if (file.bytes > 0 && file.bytes + bytes.length > fileBytesMax) file = this.#rotate();
    file.bytes += bytes.length;
    for (let written = 0; written < bytes.length; ) {
      written += writeSync(file.descriptor, bytes, written);
    }
  }

  async close(): Promise<void> {
    this.#closeFile();
    await this.#tidying;
  }

  #open() {
    const descriptor = openSync(this.#path, 'a', 0o600);
    this.#file = { descriptor, bytes: fstatSync(descriptor).size };
    return this.#file;
  }

  #closeFile(): void {
    if (this.#file) closeSync(this.#file.descriptor);
    this.#file = undefined;
  }

  #rotate() {
    this.#closeFile();
    renameSync(this.#path, this.#backupName());
    const file = this.#open();
    this.#tidying = this.#tidying
      .then(() => this.#tidy())
      .catch((error: Error) => {
        this.#env.log.warn('old log files could not be tidied', { path: this.#path, error: error.message });
      });
    return file;
  }

  #backupName(): string {
    const { prefix, extension } = this.#nameParts();
    for (let atMs = this.#env.clock.now(); ; atMs++) {
      const stamp = new Date(atMs).toISOString().slice(0, -1).replaceAll(':', '-');
      const name = join(dirname(this.#path), `${prefix}${stamp}${extension}`);
      if (!statSync(name, { throwIfNoEntry: false })) return name;
    }
  }

  #nameParts() {
    const extension = extname(this.#path);
    return { prefix: `${basename(this.#path, extension)}-`, extension };
  }

  async #tidy(): Promise<void> {
    const { ageMsMax, backupsMax, compresses } = this.#rotation;
    const backups = this.#backups();
    const oldestMs = ageMsMax > 0 ? this.#env.clock.now() - ageMsMax : Number.NEGATIVE_INFINITY;
    for (const [index, { path, atMs }] of backups.entries()) {
      const isSurplus = backupsMax > 0 && index >= backupsMax;
      if (isSurplus || atMs < oldestMs) rmSync(path, { force: true });
      else if (compresses && !path.endsWith('.gz')) await compress(path);
    }
  }

  /** The newest first. */
  #backups(): { path: string; atMs: number }[] {
    const { prefix, extension } = this.#nameParts();
    const folder = dirname(this.#path);
    return readdirSync(folder)
      .flatMap((name) => {
        const plain = name.replace(/\.gz$/, '');
        if (!plain.startsWith(prefix) || !plain.endsWith(extension)) return [];
        const stamp = plain.slice(prefix.length, plain.length - extension.length);
        const atMs = Date.parse(`${stamp.replace(/T(\d\d)-(\d\d)-/, 'T$1:$2:')}Z`);
        return Number.isNaN(atMs) ? [] : [{ path: join(folder, name), atMs }];
      })
      .sort((a, b) => b.atMs - a.atMs);
  }
}

async function compress(path: string): Promise<void> {
  const target = createWriteStream(`${path}.gz.new`, { mode: 0o600 });
  await pipeline(createReadStream(path), createGzip(), target);
  renameSync(`${path}.gz.new`, `${path}.gz`);
  rmSync(path);
}

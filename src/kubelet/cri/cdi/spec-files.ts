/**
 * The CDI devices of this machine, from the specification files in its folders. A file with a mistake hides no device
 * of other files; a later folder wins over an earlier one, and what two files of one folder both describe is no device.
 */

import { extname } from 'node:path';
import { errorText } from '#base/text/error-text.ts';
import { type FileIdentity, identityOf, listDirectory, readStart } from '#host/files/files.ts';
import type { CdiDevice, CdiSpec } from './spec.ts';
import { type ReadSpec, SpecReader } from './spec-reader.ts';

export const cdiFolders = ['/etc/cdi', '/var/run/cdi'];

const fileBytesMax = 1024 * 1024;
/** Of all files together: what is read is kept. */
const allBytesMax = 16 * 1024 * 1024;
/** In one folder; those beyond it, by name, are not read. */
const filesMax = 1000;

export interface FoundDevice {
  readonly spec: CdiSpec;
  readonly device: CdiDevice;
}

export interface CdiDevices {
  /** By qualified name: `vendor.example.com/class=name`. */
  readonly byName: ReadonlyMap<string, FoundDevice>;
  /** What is wrong with files, and devices that two files describe. */
  readonly problems: readonly string[];
}

interface Entry extends FoundDevice {
  readonly folder: string;
  readonly path: string;
}

/** The folders of one machine. A file that has not changed is read once. */
export class CdiFiles {
  readonly #folders: readonly string[];
  readonly #reader = new SpecReader();
  /** By path; files that are no longer there are forgotten at the next look. */
  #known: ReadonlyMap<string, KnownFile> = new Map();

  constructor(folders: readonly string[]) {
    this.#folders = folders;
  }

  async devices(): Promise<CdiDevices> {
    const found = new Found();
    const known = new Map<string, KnownFile>();
    let bytes = 0;
    for (const folder of this.#folders) {
      for (const path of await specPaths(folder, found)) {
        const identity = await identityOf(path).catch((error) => {
          found.addProblem(`"${path}": ${errorText(error)}`);
          return undefined;
        });
        if (!identity) continue;
        bytes += identity.bytes;
        if (bytes > allBytesMax) {
          found.addProblem(`"${path}": not read, all files together are longer than ${allBytesMax} bytes`);
          continue;
        }
        const file = this.#fileAt(path, identity);
        known.set(path, file);
        const read = await file.read;
        if ('error' in read) found.addProblem(`"${path}": ${read.error}`);
        else found.addSpec({ folder, path, spec: read.spec });
      }
    }
    this.#known = known;
    return found.devices();
  }

  /** Containers that start at the same time share what is being read. */
  #fileAt(path: string, identity: FileIdentity): KnownFile {
    const known = this.#known.get(path);
    if (known?.version === identity.version) return known;
    const read = this.#read(path).then(
      (spec) => ({ spec }),
      (error: unknown) => ({ error: errorText(error) }),
    );
    const file = { version: identity.version, read };
    this.#known = new Map(this.#known).set(path, file);
    return file;
  }

  async #read(path: string): Promise<CdiSpec> {
    const content = await readStart(path, fileBytesMax + 1);
    if (content.length > fileBytesMax) throw new Error(`longer than ${fileBytesMax} bytes`);
    return this.#reader.read(content);
  }
}

interface KnownFile {
  readonly version: string;
  readonly read: Promise<ReadSpec>;
}

/** The devices of the files so far. */
class Found {
  readonly #byName = new Map<string, Entry>();
  readonly #problems: string[] = [];
  readonly #conflicts = new Set<string>();

  addProblem(problem: string): void {
    this.#problems.push(`failed to load CDI Spec ${problem}`);
  }

  addSpec({ folder, path, spec }: Omit<Entry, 'device'>): void {
    for (const device of spec.devices) {
      const name = `${spec.kind}=${device.name}`;
      const other = this.#byName.get(name);
      if (other?.folder === folder) {
        this.#conflicts.add(name);
        this.#problems.push(`conflicting device "${name}" (specs "${path}", "${other.path}")`);
      } else this.#byName.set(name, { spec, device, folder, path });
    }
  }

  devices(): CdiDevices {
    for (const name of this.#conflicts) this.#byName.delete(name);
    return { byName: this.#byName, problems: this.#problems };
  }
}

/** None, with a problem, of a folder that cannot be listed, such as a file in its place. */
async function specPaths(folder: string, found: Found): Promise<string[]> {
  const names = await listDirectory(folder).catch((error: unknown): string[] => {
    const isFile = (error as NodeJS.ErrnoException).code === 'ENOTDIR';
    found.addProblem(`"${folder}": ${isFile ? 'not a directory' : errorText(error)}`);
    return [];
  });
  return names
    .filter((name) => ['.json', '.yaml'].includes(extname(name)))
    .sort()
    .slice(0, filesMax)
    .map((name) => `${folder}/${name}`);
}

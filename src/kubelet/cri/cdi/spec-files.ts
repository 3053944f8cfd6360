/**
 * The CDI devices of this machine, from the specification files in its folders. A file with a mistake hides no device
 * of other files; a later folder wins over an earlier one, and what two files of one folder both describe is no device.
 */

import { extname } from 'node:path';
import { errorText } from '#base/text/error-text.ts';
import { kindOf, listDirectory, readStart } from '#host/files/files.ts';
import { readYaml } from '#wire/yaml/read.ts';
import { specFrom } from './shape.ts';
import type { CdiDevice, CdiSpec } from './spec.ts';
import { validateSpec } from './validate.ts';

export const cdiFolders = ['/etc/cdi', '/var/run/cdi'];

const fileBytesMax = 1024 * 1024;
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

export async function readCdiDevices(folders: readonly string[]): Promise<CdiDevices> {
  const byName = new Map<string, Entry>();
  const problems: string[] = [];
  const conflicts = new Set<string>();
  for (const folder of folders) {
    for (const path of await specPaths(folder)) {
      const spec = await readSpec(path).catch((error) => {
        problems.push(`failed to load CDI Spec ${errorText(error)}`);
        return undefined;
      });
      for (const device of spec?.devices ?? []) {
        const name = `${spec!.kind}=${device.name}`;
        const other = byName.get(name);
        if (other?.folder === folder) {
          conflicts.add(name);
          problems.push(`conflicting device "${name}" (specs "${path}", "${other.path}")`);
        } else byName.set(name, { spec: spec!, device, folder, path });
      }
    }
  }
  for (const name of conflicts) byName.delete(name);
  return { byName, problems };
}

async function specPaths(folder: string): Promise<string[]> {
  const names = (await listDirectory(folder)).filter((name) => ['.json', '.yaml'].includes(extname(name)));
  return names
    .sort()
    .slice(0, filesMax)
    .map((name) => `${folder}/${name}`);
}

async function readSpec(path: string): Promise<CdiSpec | undefined> {
  if ((await kindOf(path)) !== 'file') return undefined;
  const content = await readStart(path, fileBytesMax + 1);
  if (content.length > fileBytesMax) throw new Error(`"${path}": longer than ${fileBytesMax} bytes`);
  try {
    const { value } = readYaml(content);
    if (value === null) throw new Error('no Spec data');
    const spec = specFrom(value);
    validateSpec(spec);
    return spec;
  } catch (error) {
    throw new Error(`"${path}": ${errorText(error)}`);
  }
}

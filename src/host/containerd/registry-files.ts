/** The folder of `hosts.toml` files that a cluster's containerd reads at each pull. */

import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWholeFileLater } from '../files/whole-file.ts';

/** Below containerd's data folder. */
export function registryDir(dataDir: string): string {
  return join(dataDir, 'registries');
}

/** Makes `dir` hold a `hosts.toml` with each text, by the name of the registry, and no others. One call at a time. */
export async function writeRegistryFiles(dir: string, files: ReadonlyMap<string, string>): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  for (const [registry, text] of files) {
    await mkdir(join(dir, registry), { recursive: true, mode: 0o700 });
    await writeWholeFileLater(join(dir, registry, 'hosts.toml'), text);
  }
  const gone = (await readdir(dir)).filter((name) => !files.has(name));
  for (const name of gone) await rm(join(dir, name), { recursive: true, force: true });
}

/** The folder of a kubelet on its machine, with the mounts that volumes of pods need. */

import { ensureDirectory } from '#host/files/files.ts';
import { makeRShared, mountTmpfs } from '#host/kernel/mounts.ts';
import { PodPaths } from './pod-paths.ts';

/** Makes the folder, or finds it: shared, so that mounts of pods and drivers reach each other; secrets on a tmpfs. */
export async function prepareDataFolder(dataDir: string): Promise<void> {
  await ensureDirectory(dataDir, 0o700);
  await makeRShared(dataDir);
  const { memory } = new PodPaths(dataDir);
  await ensureDirectory(memory, 0o700);
  await mountTmpfs(memory, { mode: '0700' });
}

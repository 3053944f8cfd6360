/**
 * The results that CNI's library stores for every sandbox, in one folder for the whole machine. It removes
 * the result of a sandbox that is removed through CNI; those of a deleted cluster are found by their
 * contents.
 */

import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { removeIfEmpty } from '../files/remove-if-empty.ts';

/** The default of libcni, which containerd uses. */
const libraryDir = '/var/lib/cni';

/** Removes the results of all sandboxes whose network namespaces lie below `runDir`. */
export function forgetCniResults(runDir: string, root = libraryDir): void {
  const dir = `${root}/results`;
  if (!existsSync(dir)) return;
  for (const name of readdirSync(dir)) {
    if (isOf(`${dir}/${name}`, runDir)) rmSync(`${dir}/${name}`, { force: true });
  }
  for (const folder of [dir, root]) removeIfEmpty(folder);
}

function isOf(file: string, runDir: string): boolean {
  try {
    const { result } = JSON.parse(readFileSync(file, 'utf8')) as { result?: CniResult };
    return (
      result?.interfaces?.some((networkInterface) => networkInterface.sandbox?.startsWith(`${runDir}/`)) ??
      false
    );
  } catch {
    // Another cluster's plugin has just removed it, or is writing it: not of this cluster in both cases.
    return false;
  }
}

interface CniResult {
  readonly interfaces?: readonly { readonly sandbox?: string }[];
}

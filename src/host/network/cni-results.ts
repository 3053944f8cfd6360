/**
 * What CNI's library remembers of every sandbox it has wired, in one folder for the whole machine. It forgets a sandbox
 * that is taken down by CNI; the sandboxes of a deleted cluster are not, so theirs are found by what they say.
 */

import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { removeIfEmpty } from '../files/remove-if-empty.ts';

/** Fixed in libcni for callers that, like containerd, name no other. */
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
    // Another cluster's plugin has just removed it, or is writing it: not ours, in both cases.
    return false;
  }
}

interface CniResult {
  readonly interfaces?: readonly { readonly sandbox?: string }[];
}

/**
 * This control plane's identity in leader elections: created once and kept, so that the process after a crash
 * has the same one. See docs/decisions/0008-kept-identity.md.
 */

import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Random } from '#base/random.ts';
import { writeWholeFile } from '#host/files/whole-file.ts';

/** `debian_6f1c…`, in upstream's form. */
export function newIdentity(random: Random): string {
  return `${hostname().toLowerCase()}_${random.uuid()}`;
}

export function keptIdentity(path: string, random: Random): string {
  if (existsSync(path)) return readFileSync(path, 'utf8').trim();
  const identity = newIdentity(random);
  // Written atomically: a truncated identity could be another process's too.
  writeWholeFile(path, `${identity}\n`);
  return identity;
}

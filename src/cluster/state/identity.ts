/**
 * Who this control plane is in elections: made once and kept, so that the process after a crash is the same one.
 * See docs/decisions/0008-kept-identity.md.
 */

import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Random } from '#base/random.ts';
import { writeWholeFile } from '#host/files/whole-file.ts';

/** `debian_6f1c…`, as upstream's are written. */
export function newIdentity(random: Random): string {
  return `${hostname().toLowerCase()}_${random.uuid()}`;
}

export function keptIdentity(path: string, random: Random): string {
  if (existsSync(path)) return readFileSync(path, 'utf8').trim();
  const identity = newIdentity(random);
  // Cut short by a crash it would be another's too.
  writeWholeFile(path, `${identity}\n`);
  return identity;
}

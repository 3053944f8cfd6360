/**
 * Who this control plane is in elections: made once and kept, so that the process after a crash is the same one.
 * See docs/decisions/0009-kept-identity.md.
 */

import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Random } from '#base/random.ts';

/** `debian_6f1c…`, as upstream's are written. */
export function newIdentity(random: Random): string {
  return `${hostname().toLowerCase()}_${random.uuid()}`;
}

export function keptIdentity(path: string, random: Random): string {
  if (existsSync(path)) return readFileSync(path, 'utf8').trim();
  const identity = newIdentity(random);
  // Whole or not at all: an identity cut short by a crash would be another's too.
  writeFileSync(`${path}.new`, `${identity}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
  return identity;
}

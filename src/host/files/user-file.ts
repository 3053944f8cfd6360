/** Files that the user has named in a configuration: read once, or again each time their contents change. */

import { readFileSync, statSync } from 'node:fs';
import type { Clock } from '#base/clock.ts';
import { Repeater } from '#base/repeater.ts';

const lookMs = 2000;

export function readUserFile(path: string): string {
  return readFileSync(path, 'utf8');
}

/**
 * Calls back with the new text after each change, by an editor's save or a mount's exchange. A file that cannot be
 * read is as it was. `text` is the text at the start.
 */
export function followUserFile(
  clock: Clock,
  path: string,
  changed: (text: string) => void,
): { readonly text: string; stop(): void } {
  const text = readUserFile(path);
  let last = text;
  let seen = lookOf(path);
  const looks = new Repeater(clock, lookMs, () => {
    const look = lookOf(path);
    if (look === undefined || look === seen) return;
    const now = readIfThere(path);
    if (now === undefined) return;
    seen = look;
    if (now === last) return;
    last = now;
    changed(now);
  });
  looks.start();
  return { text, stop: () => looks.stop() };
}

/** What changes with each write of the file; undefined where there is none. */
function lookOf(path: string): string | undefined {
  try {
    const { ino, size, mtimeNs } = statSync(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs}`;
  } catch {
    return undefined;
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Files that the user has named in a configuration: read once, or again each time their contents change. */

import { readFileSync, statSync } from 'node:fs';
import type { Clock } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import { Repeater } from '#base/repeater.ts';
import { errorText } from '#base/text/error-text.ts';

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

/**
 * What `read` makes of a file's text, made again after each change. A text that `read` refuses throws at the start, with
 * the path, and later changes nothing. `what` names the contents in the log.
 */
export function followParsedFile<T>(
  { clock, log }: Env,
  path: string,
  what: string,
  read: (text: string) => T,
  changed?: () => void,
): { readonly current: T; stop(): void } {
  const file = followUserFile(clock, path, (text) => {
    try {
      current = read(text);
    } catch (error) {
      log.error(`no change: ${what}`, { path, error: errorText(error) });
      return;
    }
    log.info(`loaded again: ${what}`, { path });
    changed?.();
  });
  let current: T;
  try {
    current = read(file.text);
  } catch (error) {
    file.stop();
    throw new Error(`${path}: ${errorText(error)}`);
  }
  return {
    get current() {
      return current;
    },
    stop: () => file.stop(),
  };
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

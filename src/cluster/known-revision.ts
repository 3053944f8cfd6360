/**
 * How far the store had come, noted beside it every second, so that a store that was put back from a backup can be
 * told from one that goes on. See docs/decisions/0009-restored-store.md.
 */

import { existsSync, readFileSync } from 'node:fs';
import type { Env } from '#base/env.ts';
import { writeWholeFile } from '#host/whole-file.ts';

const noteEveryMs = 1_000;

/** 0 when nothing is known. */
export function knownRevision(path: string): number {
  const revision = existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0;
  // A power failure may have left anything here; without the note a backup is not noticed, and that is all.
  return Number.isSafeInteger(revision) && revision > 0 ? revision : 0;
}

/** Returns the function that stops it. */
export function noteRevisions(env: Env, path: string, current: () => number): () => void {
  let noted = 0;
  const note = () => {
    const revision = current();
    if (revision === noted) return;
    noted = revision;
    try {
      // Not worth waiting for the disk every second: a note that is lost is only a note.
      writeWholeFile(path, `${revision}\n`, { flush: false });
    } catch (error) {
      env.log.warn('the revision could not be noted', { path, error: String(error) });
    }
  };
  const again = () => {
    note();
    timer = env.clock.after(noteEveryMs, again);
  };
  let timer = env.clock.after(noteEveryMs, again);
  note();
  return () => {
    timer.cancel();
    note();
  };
}

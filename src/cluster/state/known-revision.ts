/**
 * How far the store had come, noted beside it every second, so that a store that was put back from a backup can be
 * told from one that goes on. See docs/decisions/0009-restored-store.md.
 */

import { existsSync, readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { Timer } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import { writeWholeFileLater } from '#host/files/whole-file.ts';

const noteEveryMs = 1_000;

/** Row ids of the store are revisions times 4096, in numbers of 53 bits: nothing above this was ever noted. */
const revisionMax = 2 ** 40;

/** 0 when nothing is known. */
export function knownRevision(path: string): number {
  const [number = '', checksum] = existsSync(path) ? readFileSync(path, 'utf8').trim().split(' ') : [];
  // A power failure may have left anything here; without the note a backup is not noticed, and that is all.
  const isWhole = /^\d+$/.test(number) && checksum === checksumOf(number);
  const revision = isWhole ? Number(number) : 0;
  return revision <= revisionMax ? revision : 0;
}

function checksumOf(text: string): string {
  return crc32(text).toString(16);
}

/** Returns the function that notes the last one and stops it. */
export function noteRevisions(env: Env, path: string, current: () => number): () => Promise<void> {
  let noted = 0;
  let isStopped = false;
  const note = async () => {
    const revision = current();
    if (revision === noted) return;
    noted = revision;
    try {
      // Not worth waiting for the disk every second: a note that is lost is only a note.
      await writeWholeFileLater(path, `${revision} ${checksumOf(String(revision))}\n`);
    } catch (error) {
      env.log.warn('the revision could not be noted', { path, error: String(error) });
    }
  };
  let timer: Timer | undefined;
  const again = async () => {
    await note();
    if (!isStopped) timer = env.clock.after(noteEveryMs, begin);
  };
  let underWay: Promise<void>;
  const begin = () => {
    underWay = again();
  };
  begin();
  return async () => {
    isStopped = true;
    timer?.cancel();
    await underWay;
    await note();
  };
}

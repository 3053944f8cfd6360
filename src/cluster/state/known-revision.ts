/**
 * The store's newest revision, recorded beside it every second, so that a store restored from a backup can be
 * distinguished from one that continued. See docs/decisions/0009-restored-store.md.
 */

import { existsSync, readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { Timer } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import { writeWholeFileLater } from '#host/files/whole-file.ts';

const noteEveryMs = 1_000;

/** Row ids of the store are revisions times 4096, in numbers of 53 bits: no larger revision exists. */
const revisionMax = 2 ** 40;

/** 0 if none is known. */
export function knownRevision(path: string): number {
  const [number = '', checksum] = existsSync(path) ? readFileSync(path, 'utf8').trim().split(' ') : [];
  // After a power failure the contents are undefined; without the revision only a restored backup goes
  // unnoticed.
  const isWhole = /^\d+$/.test(number) && checksum === checksumOf(number);
  const revision = isWhole ? Number(number) : 0;
  return revision <= revisionMax ? revision : 0;
}

function checksumOf(text: string): string {
  return crc32(text).toString(16);
}

/** Returns a function that records the last revision and stops. */
export function noteRevisions(env: Env, path: string, current: () => number): () => Promise<void> {
  let noted = 0;
  let isStopped = false;
  const note = async () => {
    const revision = current();
    if (revision === noted) return;
    noted = revision;
    try {
      // Waiting for the disk every second is not worth it: a lost record is harmless.
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

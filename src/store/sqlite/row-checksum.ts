/**
 * The checksum of a row of the log: detects a row that the disk returns with other contents than were
 * written.
 */

import { crc32 } from 'node:zlib';
import type { LogRow } from '../mvcc/version.ts';

/** CRC-32 of everything the row holds. */
export function rowChecksum({ rowId, createRevision, version, key, value }: LogRow): number {
  const head = crc32(`${rowId} ${createRevision} ${version} ${key}`);
  return value ? crc32(value, head) : head;
}

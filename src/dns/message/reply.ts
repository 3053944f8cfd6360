/** Writes responses: the question as it was sent, and records that are bytes already. */

import { flags, headerBytes, responseCodeMask } from './codes.ts';
import { optionBytes, writeOption } from './option.ts';
import type { Query } from './query.ts';

/** Records of one section, one behind the other. */
export interface RecordBytes {
  readonly bytes: Buffer;
  /** Where each record ends. */
  readonly ends: readonly number[];
}

export interface ReplyContent {
  /** Twelve bits; more than four need a client that sent an OPT record. */
  readonly code: number;
  readonly flags: number;
  readonly answers: RecordBytes;
  readonly authority: RecordBytes;
  readonly additional: RecordBytes;
  /** The first records of `answers` that keep their place when the order of the others is rotated. */
  readonly leading?: number;
}

export const noRecords: RecordBytes = { bytes: Buffer.alloc(0), ends: [] };

export function joinRecords(records: readonly Buffer[]): RecordBytes {
  let end = 0;
  const ends = records.map((record) => (end += record.length));
  return { bytes: Buffer.concat(records), ends };
}

/**
 * The response to `query` in at most `limit` bytes: records that do not fit are left out from the end, and the
 * client hears that by the TC flag. `turn` rotates the order of the answers, as CoreDNS's `loadbalance` shuffles it.
 */
export function writeReply(query: Query, content: ReplyContent, limit: number, turn = 0): Buffer {
  const { answers, authority, additional } = content;
  const fixed = query.questionEnd + (query.edns ? optionBytes : 0);
  const wanted = fixed + answers.bytes.length + authority.bytes.length + additional.bytes.length;
  const size = Math.min(wanted, limit);
  const reply = Buffer.allocUnsafe(size);
  query.bytes.copy(reply, 0, 0, query.questionEnd);
  let room = size - fixed;
  let at = query.questionEnd;
  const put = (section: RecordBytes, rotation: number): number => {
    const before = at;
    const count = copyRecords(section, reply, at, room, rotation, content.leading ?? 0);
    at += count === section.ends.length ? section.bytes.length : (section.ends[count - 1] ?? 0);
    room -= at - before;
    return count;
  };
  const answerCount = put(answers, turn);
  const isCut = answerCount < answers.ends.length;
  const authorityCount = isCut ? 0 : put(authority, 0);
  const additionalCount = isCut ? 0 : put(additional, 0);
  const whole = answers.ends.length + authority.ends.length + additional.ends.length;
  const isTruncated = answerCount + authorityCount + additionalCount < whole;
  writeHeader(query, reply, content, isTruncated);
  reply.writeUInt16BE(answerCount, 6);
  reply.writeUInt16BE(authorityCount, 8);
  reply.writeUInt16BE(additionalCount + (query.edns ? 1 : 0), 10);
  if (query.edns) at = writeOption(reply, at, content.code, query.edns.dnssecOk);
  return at === size ? reply : reply.subarray(0, at);
}

/** A response of a header alone, for what is no query. */
export function bareReply(message: Buffer, code: number): Buffer {
  const reply = Buffer.alloc(headerBytes);
  message.copy(reply, 0, 0, 4);
  const kept = message.readUInt16BE(2) & 0x7900;
  reply.writeUInt16BE(flags.response | kept | code, 2);
  return reply;
}

function writeHeader(query: Query, reply: Buffer, content: ReplyContent, isTruncated: boolean): void {
  const kept = query.flags & (flags.recursionDesired | flags.checkingDisabled);
  reply.writeUInt16BE(
    flags.response |
      kept |
      content.flags |
      (isTruncated ? flags.truncated : 0) |
      (content.code & responseCodeMask),
    2,
  );
  reply.writeUInt16BE(1, 4);
}

/** Copies what fits, returns the number of records. All or a rotation only when all fit. */
function copyRecords(
  { bytes, ends }: RecordBytes,
  reply: Buffer,
  at: number,
  room: number,
  turn: number,
  leading: number,
): number {
  const movable = ends.length - leading;
  if (bytes.length > room) {
    let count = 0;
    while (count < ends.length && (ends[count] ?? 0) <= room) count++;
    bytes.copy(reply, at, 0, ends[count - 1] ?? 0);
    return count;
  }
  const shift = movable > 1 ? turn % movable : 0;
  if (shift === 0) {
    bytes.copy(reply, at);
    return ends.length;
  }
  const head = ends[leading - 1] ?? 0;
  const middle = ends[leading + shift - 1] ?? head;
  bytes.copy(reply, at, 0, head);
  bytes.copy(reply, at + head, middle);
  bytes.copy(reply, at + head + bytes.length - middle, head, middle);
  return ends.length;
}

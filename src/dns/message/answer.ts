/**
 * Reads the response of another server as far as it is repeated: where its records lie, what they live, and which
 * of them answer the question. Its bytes stay as they are; pointers in them only lead backwards.
 */

import { flags, headerBytes, responseCodeMask, responseCodes, types } from './codes.ts';
import { nameBytes, readName, skipName } from './names.ts';
import { optionBytes, writeOption } from './option.ts';
import type { Query } from './query.ts';

interface AnswerRecord {
  readonly section: 0 | 1 | 2;
  readonly start: number;
  readonly type: number;
  readonly ttlAt: number;
  readonly dataStart: number;
  readonly end: number;
}

/** A response without its OPT record. */
export interface UpstreamAnswer {
  readonly bytes: Buffer;
  readonly code: number;
  readonly isTruncated: boolean;
  readonly questionEnd: number;
  readonly records: readonly AnswerRecord[];
}

const recordTailBytes = 10;
const soaNumbersBytes = 20;
const countOffsets = [6, 8, 10] as const;

/** Undefined: malformed, or not a response to `query`. */
export function readAnswer(bytes: Buffer, query: Query): UpstreamAnswer | undefined {
  if (bytes.length < query.questionEnd || bytes.readUInt16BE(4) !== 1) return undefined;
  const bits = bytes.readUInt16BE(2);
  if (!(bits & flags.response) || !isSameQuestion(bytes, query)) return undefined;
  const records: AnswerRecord[] = [];
  let at = query.questionEnd;
  for (const section of [0, 1, 2] as const) {
    for (let i = bytes.readUInt16BE(countOffsets[section]); i > 0; i--) {
      const record = readRecord(bytes, at, section);
      if (!record) return undefined;
      at = record.end;
      records.push(record);
    }
  }
  const option = records.findIndex(({ type }) => type === types.OPT);
  const kept = option < 0 ? records : records.slice(0, option);
  return {
    bytes,
    code: bits & responseCodeMask,
    isTruncated: (bits & flags.truncated) !== 0,
    questionEnd: query.questionEnd,
    records: kept,
  };
}

function isSameQuestion(bytes: Buffer, { key, type, questionEnd, class: questionClass }: Query): boolean {
  const end = questionEnd - 4;
  return (
    bytes.toString('latin1', headerBytes, end).toLowerCase() === key.toLowerCase() &&
    bytes.readUInt16BE(end) === type &&
    bytes.readUInt16BE(end + 2) === questionClass
  );
}

function readRecord(bytes: Buffer, start: number, section: 0 | 1 | 2): AnswerRecord | undefined {
  const nameEnd = skipName(bytes, start);
  if (nameEnd === undefined || nameEnd + recordTailBytes > bytes.length) return undefined;
  const dataStart = nameEnd + recordTailBytes;
  const end = dataStart + bytes.readUInt16BE(nameEnd + 8);
  if (end > bytes.length) return undefined;
  return { section, start, type: bytes.readUInt16BE(nameEnd), ttlAt: nameEnd + 4, dataStart, end };
}

/** What kind of answer it is, for a cache. */
export type AnswerKind = 'success' | 'denial' | 'failure' | 'other';

export function kindOf(answer: UpstreamAnswer): AnswerKind {
  const { code, isTruncated, records } = answer;
  if (isTruncated) return 'other';
  if (code === responseCodes.serverFailure) return 'failure';
  if (code === responseCodes.noError && records.some(({ section }) => section === 0)) return 'success';
  const isDenial = code === responseCodes.noError || code === responseCodes.nameError;
  return isDenial && soaOf(answer) ? 'denial' : 'other';
}

function soaOf({ records }: UpstreamAnswer): AnswerRecord | undefined {
  return records.find(({ section, type }) => section === 1 && type === types.SOA);
}

/** The shortest life of its records, in seconds; of a denial also the minimum of its SOA record (RFC 2308). */
export function shortestTtl(answer: UpstreamAnswer): number {
  const { bytes, records } = answer;
  const ttls = records.map(({ ttlAt }) => bytes.readUInt32BE(ttlAt));
  const soa = kindOf(answer) === 'denial' ? soaOf(answer) : undefined;
  if (soa && soa.end - soa.dataStart >= soaNumbersBytes) ttls.push(bytes.readUInt32BE(soa.end - 4));
  return Math.min(...ttls);
}

/** `ttl` for every record, in place. */
export function setTtl({ bytes, records }: UpstreamAnswer, ttl: number): void {
  for (const { ttlAt } of records) bytes.writeUInt32BE(ttl, ttlAt);
}

/** The records of the answer section that an alias leads to, names written out: addresses and further aliases. */
export function followedRecords({ bytes, records }: UpstreamAnswer): Buffer[] {
  return records.filter(({ section }) => section === 0).flatMap((record) => wholeRecord(bytes, record) ?? []);
}

function wholeRecord(bytes: Buffer, record: AnswerRecord): Buffer | undefined {
  const owner = readName(bytes, record.start);
  if (!owner) return undefined;
  const head = Buffer.from(bytes.subarray(owner.end, owner.end + recordTailBytes));
  const data = recordData(bytes, record);
  if (!data) return undefined;
  head.writeUInt16BE(data.length, 8);
  return Buffer.concat([nameBytes(owner.labels.join('.')), head, data]);
}

function recordData(bytes: Buffer, { type, dataStart, end }: AnswerRecord): Buffer | undefined {
  if (type === types.A || type === types.AAAA) return bytes.subarray(dataStart, end);
  if (type !== types.CNAME) return undefined;
  const target = readName(bytes, dataStart);
  return target && nameBytes(target.labels.join('.'));
}

/** The answer as a response to `query`: its id, case of the name, flags (and `moreFlags`), and size. */
export function repeatAnswer(answer: UpstreamAnswer, query: Query, limit: number, moreFlags = 0): Buffer {
  const { bytes, records, questionEnd } = answer;
  const room = limit - (query.edns ? optionBytes : 0);
  const isKept = ({ end }: AnswerRecord) => end <= room;
  const kept = records.every(isKept) ? records : records.filter(isKept);
  const end = kept.at(-1)?.end ?? questionEnd;
  const reply = Buffer.allocUnsafe(end + (query.edns ? optionBytes : 0));
  bytes.copy(reply, 0, 0, end);
  query.bytes.copy(reply, 0, 0, 2);
  query.bytes.copy(reply, headerBytes, headerBytes, questionEnd);
  const isCut = answer.isTruncated || kept.length < records.length;
  reply.writeUInt16BE(replyFlags(bytes.readUInt16BE(2), query, isCut) | moreFlags, 2);
  for (const section of [0, 1, 2] as const) {
    reply.writeUInt16BE(kept.filter((record) => record.section === section).length, countOffsets[section]);
  }
  if (query.edns) writeOption(reply, end, 0, query.edns.dnssecOk);
  if (query.edns) reply.writeUInt16BE(reply.readUInt16BE(10) + 1, 10);
  return reply;
}

/** RFC 6840, 5.7: AD only for clients that know of it. */
function replyFlags(upstream: number, { flags: asked, edns }: Query, isTruncated: boolean): number {
  const wantsAd = edns?.dnssecOk || asked & flags.authenticData;
  return (
    flags.response |
    (upstream & (flags.authoritativeAnswer | responseCodeMask | (wantsAd ? flags.authenticData : 0))) |
    flags.recursionAvailable |
    (isTruncated ? flags.truncated : 0) |
    (asked & (flags.recursionDesired | flags.checkingDisabled))
  );
}

/** A query of our own for what `query` asks, in its client's spelling. */
export function upstreamQuery(
  id: number,
  query: Pick<Query, 'bytes' | 'questionEnd' | 'flags' | 'edns'>,
): Buffer {
  const { bytes, questionEnd, edns } = query;
  const message = Buffer.alloc(questionEnd + (edns ? optionBytes : 0));
  bytes.copy(message, headerBytes, headerBytes, questionEnd);
  message.writeUInt16BE(id, 0);
  const kept = flags.recursionDesired | flags.checkingDisabled | flags.authenticData;
  message.writeUInt16BE(query.flags & kept, 2);
  message.writeUInt16BE(1, 4);
  if (edns) message.writeUInt16BE(1, 10);
  if (edns) writeOption(message, questionEnd, 0, edns.dnssecOk);
  return message;
}

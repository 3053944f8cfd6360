/**
 * Reads a query without copying it. What it accepts and rejects is CoreDNS's: one question, no other opcode than
 * QUERY, at most one answer and authority and two additional records.
 */

import {
  classInternet,
  dnssecOk,
  flags,
  headerBytes,
  labelBytesMax,
  nameBytesMax,
  opcodeMask,
  opcodeQuery,
  opcodeShift,
  responseCodes,
  types,
  udpSizeDefault,
  udpSizeMax,
} from './codes.ts';
import { skipName } from './names.ts';

export interface Query {
  readonly bytes: Buffer;
  readonly flags: number;
  /** The name as it is sent, in lower case (RFC 4343): a key of maps. */
  readonly key: string;
  readonly type: number;
  readonly class: number;
  readonly questionEnd: number;
  readonly edns: Edns | undefined;
}

export interface Edns {
  /** As the client states it; RFC 6891: never below 512. */
  readonly udpSize: number;
  readonly version: number;
  readonly dnssecOk: boolean;
}

/** A response code for a message that is no query this server can read; undefined: no response at all. */
export type NoQuery = { readonly code: number } | undefined;

const questionTailBytes = 4;
const recordTailBytes = 10;
const additionalMax = 2;
const lower = Buffer.alloc(nameBytesMax);

export function isQuery(read: Query | NoQuery): read is Query {
  return read !== undefined && 'bytes' in read;
}

export function readQuery(bytes: Buffer): Query | NoQuery {
  if (bytes.length < headerBytes) return undefined;
  const bits = bytes.readUInt16BE(2);
  if (bits & flags.response) return undefined;
  if (((bits >> opcodeShift) & opcodeMask) !== opcodeQuery) return { code: responseCodes.notImplemented };
  const others = bytes.readUInt16BE(6) + bytes.readUInt16BE(8);
  const additional = bytes.readUInt16BE(10);
  if (bytes.readUInt16BE(4) !== 1 || others > 1 || additional > additionalMax) return malformed;
  const nameEnd = lowerName(bytes);
  if (nameEnd === undefined || nameEnd + questionTailBytes > bytes.length) return malformed;
  const questionEnd = nameEnd + questionTailBytes;
  const edns = others + additional === 0 ? undefined : readEdns(bytes, questionEnd, others, additional);
  if (edns === 'malformed') return malformed;
  return {
    bytes,
    flags: bits,
    key: lower.toString('latin1', 0, nameEnd - headerBytes),
    type: bytes.readUInt16BE(nameEnd),
    class: bytes.readUInt16BE(nameEnd + 2),
    questionEnd,
    edns,
  };
}

const malformed = { code: responseCodes.formatError };

/** What the client takes in one datagram, never more than arrives unfragmented. */
export function udpLimit({ edns }: Query): number {
  return edns ? Math.min(Math.max(edns.udpSize, udpSizeDefault), udpSizeMax) : udpSizeDefault;
}

export function isInternet(query: Query): boolean {
  return query.class === classInternet;
}

/** The labels of the name, in lower case. */
export function labelsOfKey(key: string): string[] {
  const labels: string[] = [];
  for (let at = 0; at < key.length - 1; ) {
    const size = key.charCodeAt(at);
    labels.push(key.slice(at + 1, at + 1 + size));
    at += 1 + size;
  }
  return labels;
}

/** Fills `lower` with the question's name. The first name of a message has no pointers. */
function lowerName(bytes: Buffer): number | undefined {
  let at = headerBytes;
  for (;;) {
    const size = bytes[at];
    if (size === undefined || size > labelBytesMax) return undefined;
    if (at + size + 1 - headerBytes > nameBytesMax || at + size >= bytes.length) return undefined;
    lower[at - headerBytes] = size;
    if (size === 0) return at + 1;
    for (let i = at + 1; i <= at + size; i++) {
      const byte = bytes[i] ?? 0;
      lower[i - headerBytes] = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
    }
    at += size + 1;
  }
}

/** Finds the OPT record; two of them are malformed (RFC 6891, 6.1.1). */
function readEdns(
  bytes: Buffer,
  from: number,
  skipped: number,
  additional: number,
): Edns | undefined | 'malformed' {
  let edns: Edns | undefined;
  let at = from;
  for (let i = 0; i < skipped + additional; i++) {
    const end = skipName(bytes, at);
    if (end === undefined || end + recordTailBytes > bytes.length) return 'malformed';
    const isOption = bytes.readUInt16BE(end) === types.OPT;
    if (isOption && i >= skipped) {
      if (edns || bytes[at] !== 0) return 'malformed';
      edns = {
        udpSize: bytes.readUInt16BE(end + 2),
        version: bytes.readUInt8(end + 5),
        dnssecOk: (bytes.readUInt16BE(end + 6) & dnssecOk) !== 0,
      };
    }
    at = end + recordTailBytes + bytes.readUInt16BE(end + 8);
    if (at > bytes.length) return 'malformed';
  }
  return edns;
}

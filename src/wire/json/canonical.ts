/**
 * Objects as bytes: `{"kind":…,"apiVersion":…,"metadata":{…` first and without a resourceVersion, so that the
 * store keeps one form and a read splices the version in without parsing.
 */

import { asBuffer } from '#base/text/as-buffer.ts';
import { goJson } from '#base/text/go-json.ts';
import { bigintsWritten, parseExactly } from './exact-integers.ts';

const metadataMark = Buffer.from('"metadata":{');
const openingBrace = 0x7b;

interface Encodable {
  kind?: string;
  apiVersion?: string;
  metadata?: object;
}

/** Behind an object with integers that are to be read by `parseExactly`. */
const exactMark = ' ';
const exactMarkByte = 0x20;

/** The bytes to store. The order of keys below `metadata` and in the other fields is kept. */
export function encodeObject(object: Encodable): Uint8Array {
  const { kind, apiVersion, metadata, ...rest } = object;
  const { resourceVersion: _, ...kept } = (metadata ?? {}) as { resourceVersion?: string };
  const before = bigintsWritten();
  const fields = { kind, apiVersion, metadata: kept, ...rest };
  const text = kind === rawKind ? withRawData(fields) : JSON.stringify(fields);
  return longLived(bigintsWritten() === before ? text : text + exactMark);
}

/** Go programs treat its `data` as bytes, and compare it with their own encoding. */
const rawKind = 'ControllerRevision';

function withRawData({ data, ...others }: Record<string, unknown>): string {
  const text = JSON.stringify(others);
  return data === undefined ? text : `${text.slice(0, -1)},"data":${goJson(data)}}`;
}

/**
 * Stored bytes get memory of their own: what they shared with others would be kept as long as the last of them. Slabs
 * of 64 KiB took three times the bytes that were stored after each object had been updated some times.
 */
function longLived(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}

/**
 * Byte offset where a resourceVersion is inserted: right behind `"metadata":{`, whose brace is the second of
 * the object, since kinds and API versions have none. Throws for bytes that `encodeObject` has not made.
 */
export function spliceOffset(bytes: Uint8Array): number {
  const at = metadataOffset(bytes);
  if (at === undefined) throw new Error('canonical JSON: no metadata');
  return at + 1;
}

/** Where the value of `metadata` begins; undefined for bytes that do not have it first. */
export function metadataOffset(bytes: Uint8Array): number | undefined {
  let at = 1;
  while (at < bytes.length && bytes[at] !== openingBrace) at++;
  return endsWithMark(bytes, at) ? at : undefined;
}

function endsWithMark(bytes: Uint8Array, braceAt: number): boolean {
  let i = metadataMark.length - 1;
  while (i >= 0 && bytes[braceAt + i + 1 - metadataMark.length] === metadataMark[i]) i--;
  return i < 0;
}

/** Throws a SyntaxError for invalid JSON. */
export function parseJson(bytes: Uint8Array): unknown {
  const text = asBuffer(bytes).toString('utf8');
  return bytes[bytes.length - 1] === exactMarkByte ? parseExactly(text) : JSON.parse(text);
}

/** Equal as JSON values, whatever the order of their keys; a key with `undefined` counts as absent. */
export function equalJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, i) => equalJson(item, b[i]));
  }
  return equalFields(a as Record<string, unknown>, b as Record<string, unknown>);
}

function equalFields(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  let fields = 0;
  for (const key in a) {
    if (a[key] === undefined) continue;
    if (!equalJson(a[key], b[key])) return false;
    fields++;
  }
  for (const key in b) if (b[key] !== undefined) fields--;
  return fields === 0;
}

/**
 * Stored values as clients see them: the revision is spliced into the bytes while they are copied, so that
 * reading never has to parse.
 */

import type { AnyObject } from '#api/meta/object.ts';
import { asBuffer } from '#base/text/as-buffer.ts';
import { parseJson, spliceOffset } from '#wire/json/canonical.ts';

const metadataOpeningLength = '"metadata":{'.length;

/** The bytes a client gets for a stored value that was written at `revision`. */
export function spliceRevision(stored: Uint8Array, revision: number): Uint8Array {
  const at = spliceOffset(stored);
  const text = revisionText(stored, at, revision);
  const bytes = Buffer.allocUnsafe(stored.length + text.length);
  spliceInto(bytes, 0, stored, at, text, 0);
  return bytes;
}

/** Room for the digits of any safe integer and their field. */
const revisionRoom = 40;

/** No more bytes than this are needed to splice this value. */
export function splicedLengthMax(stored: Uint8Array): number {
  return stored.length + revisionRoom;
}

/**
 * Writes the object as an item of a typed list, which carries no kind and apiVersion of its own. Returns the
 * offset behind it.
 */
export function spliceItem(target: Buffer, offset: number, stored: Uint8Array, revision: number): number {
  const at = spliceOffset(stored);
  target[offset] = 0x7b;
  const text = revisionText(stored, at, revision);
  return spliceInto(target, offset + 1, stored, at, text, at - metadataOpeningLength);
}

function spliceInto(
  target: Buffer,
  offset: number,
  stored: Uint8Array,
  at: number,
  text: string,
  from: number,
): number {
  const source = asBuffer(stored);
  let end = offset + source.copy(target, offset, from, at);
  end += target.write(text, end, 'latin1');
  return end + source.copy(target, end, at);
}

function revisionText(stored: Uint8Array, at: number, revision: number): string {
  return `"resourceVersion":"${revision}"${stored[at] === 0x7d ? '' : ','}`;
}

export function parseBytes(bytes: Uint8Array): AnyObject {
  return parseJson(bytes) as AnyObject;
}

/** Names as text, as labels and as they are sent; owner names shortened by pointers into the question. */

import { headerBytes, labelBytesMax, nameBytesMax } from './codes.ts';

const pointer = 0xc0;
const pointerHopsMax = 128;

/** The labels of a name in text, without the empty last one. */
export function labelsOf(name: string): string[] {
  const trimmed = name.endsWith('.') ? name.slice(0, -1) : name;
  return trimmed === '' ? [] : trimmed.split('.');
}

/** The name as it is sent, without pointers. Throws for a name that no message can hold. */
export function nameBytes(name: string): Buffer {
  return encodedLabels(labelsOf(name), [0]);
}

/**
 * The name as it is sent in a message whose only question is for `question` (labels): the labels that it ends
 * with in common are a pointer.
 */
export function shortNameBytes(name: string, question: readonly string[]): Buffer {
  const labels = labelsOf(name);
  let common = 0;
  while (
    common < labels.length &&
    common < question.length &&
    labels[labels.length - 1 - common] === question[question.length - 1 - common]
  ) {
    common++;
  }
  if (common === 0) return encodedLabels(labels, [0]);
  const skipped = question.slice(0, question.length - common);
  const offset = skipped.reduce((sum, label) => sum + label.length + 1, headerBytes);
  return encodedLabels(labels.slice(0, labels.length - common), [pointer | (offset >> 8), offset & 0xff]);
}

function encodedLabels(labels: readonly string[], end: readonly number[]): Buffer {
  const bytes: number[] = [];
  for (const label of labels) {
    const text = Buffer.from(label, 'latin1');
    if (text.length === 0 || text.length > labelBytesMax) throw new Error(`no label of a name: "${label}"`);
    bytes.push(text.length, ...text);
  }
  bytes.push(...end);
  if (bytes.length > nameBytesMax) throw new Error('a name is longer than 255 bytes');
  return Buffer.from(bytes);
}

/**
 * The labels of the name at `offset`, pointers followed, and where what comes after it begins. Undefined when
 * it is malformed.
 */
export function readName(message: Buffer, offset: number): { labels: string[]; end: number } | undefined {
  const labels: string[] = [];
  let at = offset;
  let end: number | undefined;
  let length = 0;
  for (let hops = 0; hops <= pointerHopsMax; ) {
    const size = message[at];
    if (size === undefined) return undefined;
    if (size === 0) return { labels, end: end ?? at + 1 };
    if ((size & pointer) === pointer) {
      const low = message[at + 1];
      if (low === undefined) return undefined;
      end ??= at + 2;
      at = ((size & ~pointer) << 8) | low;
      hops++;
      continue;
    }
    length += size + 1;
    if (size > labelBytesMax || length >= nameBytesMax || at + 1 + size > message.length) return undefined;
    labels.push(message.toString('latin1', at + 1, at + 1 + size));
    at += 1 + size;
  }
  return undefined;
}

/** Where what comes after the name at `offset` begins; undefined when the message ends before. */
export function skipName(message: Buffer, offset: number): number | undefined {
  let at = offset;
  for (;;) {
    const size = message[at];
    if (size === undefined) return undefined;
    if (size === 0) return at + 1;
    if ((size & pointer) === pointer) return at + 2 <= message.length ? at + 2 : undefined;
    if (size > labelBytesMax) return undefined;
    at += 1 + size;
  }
}

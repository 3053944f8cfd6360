/** The PEM blocks of a text, found in one scan; text between them is ignored. */

export interface PemBlock {
  /** Includes the first and last line. */
  readonly text: string;
  readonly type: string;
  /** Headers and base64. */
  readonly body: string;
}

const firstLine = /-----BEGIN ([^-\n]+)-----\r?\n/g;
const lastLine = '-----END ';

/**
 * As Go's decoder, which takes the first END line that follows: a block whose END has another type is no
 * block.
 */
export function pemBlocks(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  let blockEnd = 0;
  let bodyEnd = 0;
  for (const { 0: line, 1: type = '', index: start } of text.matchAll(firstLine)) {
    if (start < blockEnd) continue;
    const bodyStart = start + line.length;
    // Searched again only behind the last END: a text with many BEGIN lines is scanned once.
    if (bodyEnd < bodyStart) bodyEnd = text.indexOf(lastLine, bodyStart);
    if (bodyEnd < 0) return blocks;
    const end = `${lastLine}${type}-----`;
    if (!text.startsWith(end, bodyEnd)) continue;
    blockEnd = bodyEnd + end.length;
    blocks.push({ text: text.slice(start, blockEnd), type, body: text.slice(bodyStart, bodyEnd) });
  }
  return blocks;
}

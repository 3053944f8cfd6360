/** The PEM blocks of a text, found in one walk; what is between them does not matter. */

export interface PemBlock {
  /** With its first and last line. */
  readonly text: string;
  readonly type: string;
  /** Headers and base64. */
  readonly body: string;
}

const firstLine = /-----BEGIN ([^-\n]+)-----\r?\n/g;
const lastLine = '-----END ';

/** As Go's decoder, which takes the first end that follows: a block whose end has another type is none. */
export function pemBlocks(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  let blockEnd = 0;
  let bodyEnd = 0;
  for (const { 0: line, 1: type = '', index: start } of text.matchAll(firstLine)) {
    if (start < blockEnd) continue;
    const bodyStart = start + line.length;
    // Looked for again only behind the last one: a text of many beginnings is not searched once for each.
    if (bodyEnd < bodyStart) bodyEnd = text.indexOf(lastLine, bodyStart);
    if (bodyEnd < 0) return blocks;
    const end = `${lastLine}${type}-----`;
    if (!text.startsWith(end, bodyEnd)) continue;
    blockEnd = bodyEnd + end.length;
    blocks.push({ text: text.slice(start, blockEnd), type, body: text.slice(bodyStart, bodyEnd) });
  }
  return blocks;
}

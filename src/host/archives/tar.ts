/** Writes tar archives (ustar, with pax records for long names): an image's layers and the image archive. */

export interface TarEntry {
  /** Without a leading slash; directories end with one. */
  readonly path: string;
  readonly mode: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly content?: Uint8Array;
  /** Set for a symbolic link. */
  readonly linkTo?: string;
}

const blockBytes = 512;
const nameMaxBytes = 100;

export function tar(entries: Iterable<TarEntry>): Buffer {
  const pieces: Buffer[] = [];
  for (const entry of entries) {
    const pax = paxRecords(entry);
    if (pax.length > 0) pieces.push(header({ path: 'PaxHeader', mode: 0o644 }, 'x', pax.length), padded(pax));
    const content = Buffer.from(entry.content ?? []);
    const type = entry.linkTo !== undefined ? '2' : entry.path.endsWith('/') ? '5' : '0';
    pieces.push(header(entry, type, type === '0' ? content.length : 0));
    if (type === '0') pieces.push(padded(content));
  }
  pieces.push(Buffer.alloc(2 * blockBytes));
  return Buffer.concat(pieces);
}

function paxRecords(entry: TarEntry): Buffer {
  const records: string[] = [];
  if (Buffer.byteLength(entry.path) > nameMaxBytes) records.push(paxRecord('path', entry.path));
  if (Buffer.byteLength(entry.linkTo ?? '') > nameMaxBytes) {
    records.push(paxRecord('linkpath', entry.linkTo!));
  }
  return Buffer.from(records.join(''));
}

/** `LENGTH key=value\n`, where LENGTH includes its own digits. */
function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (rest + String(length).length !== length) length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}

function header(entry: TarEntry, type: string, size: number): Buffer {
  const block = Buffer.alloc(blockBytes);
  const octal = (value: number, at: number, width: number) =>
    block.write(`${value.toString(8).padStart(width - 1, '0')}\0`, at, 'latin1');
  block.write(cut(entry.path), 0);
  octal(entry.mode & 0o7777, 100, 8);
  octal(entry.uid ?? 0, 108, 8);
  octal(entry.gid ?? 0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  block.fill(' ', 148, 156);
  block.write(type, 156);
  if (entry.linkTo !== undefined) block.write(cut(entry.linkTo), 157);
  block.write('ustar\x0000', 257, 'latin1');
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

function cut(name: string): string {
  return Buffer.from(name).subarray(0, nameMaxBytes).toString('latin1');
}

function padded(content: Buffer): Buffer {
  const rest = content.length % blockBytes;
  return rest === 0 ? content : Buffer.concat([content, Buffer.alloc(blockBytes - rest)]);
}

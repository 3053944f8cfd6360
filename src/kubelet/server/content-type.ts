/** A file's media type as Go's file server finds it: by the ending of the name, else by the first bytes. */

import { extname } from 'node:path';

/** As many bytes are looked at. */
export const sniffedBytes = 512;

/** The types of text that Go knows on every machine. */
const byEnding: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.htm': 'text/html; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.mjs': 'text/javascript; charset=utf-8',
  '.pdf': 'application/pdf',
  '.svg': 'image/svg+xml',
  '.xml': 'text/xml; charset=utf-8',
};

const text = 'text/plain; charset=utf-8';
const gzip = Buffer.from([0x1f, 0x8b, 0x08]);
// biome-ignore lint/suspicious/noControlCharactersInRegex: they tell binary data from text.
const binaryByte = /[\u0000-\u0008\u000b\u000e-\u001a\u001c-\u001f]/;

export function contentTypeOf(name: string, start: Buffer): string {
  const known = byEnding[extname(name).toLowerCase()];
  if (known) return known;
  if (start.subarray(0, gzip.length).equals(gzip)) return 'application/x-gzip';
  return binaryByte.test(start.toString('latin1')) ? 'application/octet-stream' : text;
}

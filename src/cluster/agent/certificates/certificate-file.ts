/** A certificate and its key in one PEM file, as a kubelet keeps them. */

import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeDurableFile } from '#host/files/whole-file.ts';
import type { KeyPair } from '#pki/certificate.ts';

/** When it begins and ends, in milliseconds since the epoch. */
export interface Validity {
  readonly fromMs: number;
  readonly untilMs: number;
}

export function validityOf({ certPem }: KeyPair): Validity {
  const { validFromDate, validToDate } = new X509Certificate(certPem);
  return { fromMs: validFromDate.getTime(), untilMs: validToDate.getTime() };
}

/** Undefined where there is no such file, or it is not whole. */
export function readPair(path: string): KeyPair | undefined {
  if (!existsSync(path)) return undefined;
  const blocks = readFileSync(path, 'utf8').match(/-----BEGIN [^-]+-----[^-]+-----END [^-]+-----\n?/g) ?? [];
  const certPem = blocks.filter((block) => block.includes('CERTIFICATE')).join('');
  const keyPem = blocks.find((block) => block.includes('PRIVATE KEY'));
  if (certPem === '' || !keyPem) return undefined;
  try {
    validityOf({ certPem, keyPem });
    return { certPem, keyPem };
  } catch {
    return undefined;
  }
}

/** The file is on disk when it resolves. */
export async function writePair(path: string, { certPem, keyPem }: KeyPair): Promise<void> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  await writeDurableFile(path, certPem + keyPem);
}

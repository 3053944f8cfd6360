/**
 * The authorities of client certificates, PEM: those of a file are read again when it changes. A file without a
 * certificate changes nothing.
 */

import { X509Certificate } from 'node:crypto';
import type { Env } from '#base/env.ts';
import { followParsedFile } from '#host/files/user-file.ts';
import { certificatesIn } from './client-certificate.ts';

export interface ClientAuthorities {
  /** As of now. */
  readonly caPem: string;
  stop(): void;
}

/** `own` is trusted in any case. */
export function clientAuthorities(
  env: Env,
  path: string | undefined,
  own: string,
  changed: () => void,
): ClientAuthorities {
  if (path === undefined) return { caPem: own, stop() {} };
  const what = 'the authorities of client certificates';
  const file = followParsedFile(env, path, what, (text) => withOwn(text, own), changed);
  return {
    get caPem() {
      return file.current;
    },
    stop: () => file.stop(),
  };
}

function withOwn(text: string, own: string): string {
  const certificates = certificatesIn(text);
  if (certificates.length === 0) throw new Error('data does not contain any valid RSA or ECDSA certificates');
  for (const pem of certificates) new X509Certificate(pem);
  return own === '' ? text : `${own.trimEnd()}\n${text}`;
}

/**
 * The authorities of client certificates, PEM: those of a file are read again when it changes. A file without a
 * certificate changes nothing.
 */

import { X509Certificate } from 'node:crypto';
import type { Env } from '#base/env.ts';
import { errorText } from '#base/text/error-text.ts';
import { followUserFile } from '#host/files/user-file.ts';
import { certificatesIn } from './client-certificate.ts';

export interface ClientAuthorities {
  /** As of now. */
  readonly caPem: string;
  stop(): void;
}

/** `own` is trusted in any case. */
export function clientAuthorities(
  { clock, log }: Env,
  path: string | undefined,
  own: string,
  changed: () => void,
): ClientAuthorities {
  if (path === undefined) return { caPem: own, stop() {} };
  const file = followUserFile(clock, path, (text) => {
    try {
      caPem = withOwn(text, own);
    } catch (error) {
      log.warn('the authorities of client certificates stay as they were', { path, error: errorText(error) });
      return;
    }
    log.info('the authorities of client certificates have been loaded again', { path });
    changed();
  });
  let caPem: string;
  try {
    caPem = withOwn(file.text, own);
  } catch (error) {
    file.stop();
    throw new Error(`${path}: ${errorText(error)}`);
  }
  return {
    get caPem() {
      return caPem;
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

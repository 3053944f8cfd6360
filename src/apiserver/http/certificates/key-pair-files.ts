/** A certificate and its key in two files, read again when they change: both must have changed for a new pair. */

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { Env } from '#base/env.ts';
import { errorText } from '#base/text/error-text.ts';
import { followUserFile } from '#host/files/user-file.ts';

export interface CertificateAndKey {
  /** PEM, with the certificates of its authorities behind it. */
  readonly cert: string;
  readonly key: string;
}

/** A pair that is renewed while the server runs. */
export interface KeyPairFiles {
  readonly current: CertificateAndKey;
  stop(): void;
}

/** Throws where there is no pair at the start. `changed` is called with each new pair. */
export function followKeyPair(
  { clock, log }: Env,
  certFile: string,
  keyFile: string,
  changed: () => void,
): KeyPairFiles {
  const take = (cert: string, key: string) => {
    read.cert = cert;
    read.key = key;
    try {
      current = pairOf(cert, key);
    } catch (error) {
      log.warn('a certificate stays as it was', { certFile, keyFile, error: errorText(error) });
      return;
    }
    log.info('a certificate has been loaded again', { certFile });
    changed();
  };
  const certs = followUserFile(clock, certFile, (cert) => take(cert, read.key));
  const keys = followUserFile(clock, keyFile, (key) => take(read.cert, key));
  const stop = () => {
    certs.stop();
    keys.stop();
  };
  const read = { cert: certs.text, key: keys.text };
  let current: CertificateAndKey;
  try {
    current = pairOf(read.cert, read.key);
  } catch (error) {
    stop();
    throw new Error(`${certFile} and ${keyFile}: ${errorText(error)}`);
  }
  return {
    get current() {
      return current;
    },
    stop,
  };
}

/** In Go's words where they do not belong together. */
function pairOf(cert: string, key: string): CertificateAndKey {
  if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) {
    throw new Error('tls: private key does not match public key');
  }
  // Refuses what would otherwise end the server when it is used: a key that is too small, a bad certificate further down.
  createSecureContext({ cert, key });
  return { cert, key };
}

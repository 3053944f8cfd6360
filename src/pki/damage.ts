/**
 * What of a cluster's PKI cannot be made again when it is damaged or lost: what the authorities and the key of
 * ServiceAccounts have signed would no longer be trusted.
 */

import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { KeyPair } from './certificate.ts';

export interface PkiDocuments {
  /** The folder of the documents, for messages. */
  readonly place?: string;
  read(name: string): string | undefined;
}

export class PkiDamageError extends Error {
  override name = 'PkiDamageError';
}

export function checkedAuthority(store: PkiDocuments, name: string, pair: KeyPair): KeyPair {
  const { certPem, keyPem } = pair;
  const certificate = checked(
    store,
    `${name}.crt`,
    'is not a certificate',
    () => new X509Certificate(certPem),
  );
  const key = checked(store, `${name}.key`, 'is not a private key', () => createPrivateKey(keyPem));
  if (!certificate.checkPrivateKey(key)) throw damage(store, `${name}.key`, `is not the key of ${name}.crt`);
  return pair;
}

export function missingOf(store: PkiDocuments, authority: string): PkiDamageError {
  const file = store.read(`${authority}.crt`) === undefined ? `${authority}.crt` : `${authority}.key`;
  return damage(store, file, 'is missing, though it has certified others');
}

export function checked<T>(store: PkiDocuments, file: string, fault: string, parse: () => T): T {
  const value = parsed(parse);
  if (value === undefined) throw damage(store, file, fault);
  return value;
}

export function damage({ place }: PkiDocuments, file: string, fault: string): PkiDamageError {
  return new PkiDamageError(`${place === undefined ? file : `${place}/${file}`} ${fault}`);
}

/** Undefined for text that is no PEM of its kind. */
export function parsed<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}

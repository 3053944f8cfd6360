/** The certificate of a TLS Secret, checked as a server would use it. */

import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { Secret } from '#api/generated/types.gen.ts';

/** What keeps an object from being served as it asks; the message goes into an event on the object. */
export class Unservable extends Error {}

/** Key and chain as PEM, without anything else that the Secret holds. Throws `Unservable` with the reason. */
export function certificateOf(secret: Secret): string {
  const name = `Secret ${secret.metadata?.namespace}/${secret.metadata?.name}`;
  const certificates = pemBlocks(textOf(secret, 'tls.crt'), 'CERTIFICATE');
  const [key] = pemBlocks(textOf(secret, 'tls.key'), '(?:RSA |EC )?PRIVATE KEY');
  if (certificates.length === 0) throw new Unservable(`${name} has no certificate in tls.crt`);
  if (key === undefined) throw new Unservable(`${name} has no private key in tls.key`);
  if (!isPair(certificates[0]!, key)) throw new Unservable(`${name}: tls.key is not the key of tls.crt`);
  return `${[key, ...certificates].join('\n')}\n`;
}

function textOf({ data = {} }: Secret, key: string): string {
  return Buffer.from(String(data[key] ?? ''), 'base64').toString('latin1');
}

function pemBlocks(text: string, label: string): string[] {
  return (
    text.match(new RegExp(`-----BEGIN ${label}-----[A-Za-z0-9+/=\\s]+-----END ${label}-----`, 'g')) ?? []
  );
}

function isPair(certificate: string, key: string): boolean {
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

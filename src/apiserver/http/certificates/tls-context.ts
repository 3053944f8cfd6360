/** How connections of the server are secured: its certificates, by name too, and the authorities of clients. */

import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import type { TlsSettings } from '../../contract/tls-settings.ts';
import { byServerName, type NamedCertificate } from './server-names.ts';

export interface TlsFiles extends TlsSettings {
  readonly cert: string;
  readonly key: string;
  /** Certificates for clients that ask for a certain name (SNI), in the place of `cert`. */
  readonly named?: readonly NamedCertificate[];
}

export function contextOf(tls: TlsFiles): SecureContextOptions {
  const { cert, key, clientCa, minVersion = 'TLSv1.2', ciphers, curves } = tls;
  return {
    cert,
    key,
    ca: clientCa,
    minVersion,
    ...(ciphers ? { ciphers } : {}),
    ...(curves ? { ecdhCurve: curves } : {}),
  };
}

/** The certificates of a server by name, which may be renewed while it listens. */
export class ServerNames {
  #contextOf!: (name: string) => SecureContext | undefined;

  constructor(tls: TlsFiles) {
    this.renew(tls);
  }

  renew(tls: TlsFiles): void {
    this.#contextOf = byServerName(tls.named ?? [], ({ cert, key }) =>
      createSecureContext(contextOf({ ...tls, cert, key })),
    );
  }

  readonly answer = (name: string, done: (error: null, context?: SecureContext) => void): void =>
    done(null, this.#contextOf(name));
}

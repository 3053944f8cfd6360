/** How the connections of a server are secured, but for its certificate. */

import type { SecureVersion } from 'node:tls';

export interface TlsSettings {
  /** Authorities of client certificates, PEM. */
  readonly clientCa: string;
  /** Default: TLS 1.2. */
  readonly minVersion?: SecureVersion;
  /** In the words of OpenSSL. Default: those of Node. */
  readonly ciphers?: string;
  /** Key exchanges, in the words of OpenSSL. Default: its own. */
  readonly curves?: string;
}

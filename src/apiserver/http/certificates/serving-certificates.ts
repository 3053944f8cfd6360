/**
 * The certificates that clients get: the one that the cluster issues and renews, or those of the configuration's files,
 * which are read again when they change.
 */

import type { ApiServerArguments } from '#api/configuration/api-server-arguments.ts';
import type { Env } from '#base/env.ts';
import type { Pki } from '#pki/pki.ts';
import { type CertificateAndKey, followKeyPair, type KeyPairFiles } from './key-pair-files.ts';
import { renewServingCertificate } from './renewal.ts';
import type { NamedCertificate } from './server-names.ts';

export interface ServedCertificates extends CertificateAndKey {
  readonly named: readonly NamedCertificate[];
}

export class ServingCertificates {
  readonly #default: KeyPairFiles;
  readonly #named: readonly { readonly files: KeyPairFiles; readonly names: readonly string[] }[];
  #changed = () => {};

  constructor(env: Env, pki: Pick<Pki, 'server' | 'renewedServer'>, given: ApiServerArguments) {
    const changed = () => this.#changed();
    const pair = keyPairOf(given, 'tls-cert-file', 'tls-private-key-file');
    this.#default = pair
      ? followKeyPair(env, pair.certFile, pair.keyFile, changed)
      : issued(env, pki, changed);
    this.#named = (given['tls-sni-cert-key'] ?? []).map(({ certFile, keyFile, names }) => ({
      files: followKeyPair(env, certFile, keyFile, changed),
      names,
    }));
  }

  get current(): ServedCertificates {
    const named = this.#named.map(({ files, names }) => ({ ...files.current, names }));
    return { ...this.#default.current, named };
  }

  onChange(changed: () => void): void {
    this.#changed = changed;
  }

  stop(): void {
    this.#default.stop();
    for (const { files } of this.#named) files.stop();
  }
}

/** Both or neither, else an error. */
export function keyPairOf(
  given: ApiServerArguments,
  certArgument: 'tls-cert-file' | 'proxy-client-cert-file',
  keyArgument: 'tls-private-key-file' | 'proxy-client-key-file',
): { readonly certFile: string; readonly keyFile: string } | undefined {
  const { [certArgument]: certFile, [keyArgument]: keyFile } = given;
  if (certFile && keyFile) return { certFile, keyFile };
  if (!certFile && !keyFile) return undefined;
  throw new Error(`${certArgument} and ${keyArgument} belong together`);
}

function issued(env: Env, pki: Pick<Pki, 'server' | 'renewedServer'>, changed: () => void): KeyPairFiles {
  let current: CertificateAndKey = { cert: pki.server.certPem, key: pki.server.keyPem };
  const stop = renewServingCertificate(env, pki, (renewed) => {
    current = renewed;
    changed();
  });
  return {
    get current() {
      return current;
    },
    stop,
  };
}

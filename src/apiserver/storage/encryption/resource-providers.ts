/** The content of an EncryptionConfiguration: groups of resources, each with the providers that encrypt them. */

export interface EncryptionKey {
  readonly name: string;
  /** Base64. */
  readonly secret: string;
}

export interface KmsProvider {
  readonly apiVersion: string;
  readonly name: string;
  readonly endpoint: string;
  readonly timeoutMs: number;
}

export interface Provider {
  readonly aesgcm?: { readonly keys?: readonly EncryptionKey[] };
  readonly aescbc?: { readonly keys?: readonly EncryptionKey[] };
  readonly secretbox?: { readonly keys?: readonly EncryptionKey[] };
  readonly identity?: object;
  readonly kms?: KmsProvider;
}

export interface ResourceProviders {
  /** `secrets`, `deployments.apps`, `*.apps`, `*.` of the core group, `*.*`. */
  readonly resources: readonly string[];
  readonly providers: readonly Provider[];
}

export interface GroupResource {
  readonly group: string;
  readonly resource: string;
}

export function groupResourceOf(text: string): GroupResource {
  const [resource = '', ...group] = text.split('.');
  return { resource, group: group.join('.') };
}

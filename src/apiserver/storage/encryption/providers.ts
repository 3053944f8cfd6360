/** Makes the transformers of an EncryptionConfiguration: one for each of its resources. */

import type { Env } from '#base/env.ts';
import { aesCbc, aesGcm } from './aes.ts';
import { identity } from './identity.ts';
import { KmsEnvelope } from './kms/envelope.ts';
import { openKmsPlugin } from './kms/plugin.ts';
import { type PrefixedTransformer, prefixed } from './prefixed.ts';
import {
  type EncryptionKey,
  type GroupResource,
  groupResourceOf,
  type KmsProvider,
  type Provider,
  type ResourceProviders,
} from './resource-providers.ts';
import { secretbox } from './secretbox.ts';
import type { Transformer } from './transformer.ts';

export interface Providers {
  /** Undefined: stored in the clear. */
  transformerOf(resource: GroupResource): Transformer | undefined;
  /** The failures of unhealthy key services; undefined when all are healthy. */
  problem(): string | undefined;
  stop(): void;
}

/**
 * `readers` only decrypt: values of an earlier configuration. Resolves after the first Status call of each key
 * service. Throws an Error for an invalid configuration.
 */
export async function startProviders(
  env: Env,
  configuration: readonly ResourceProviders[],
  readers: readonly ResourceProviders[] = [],
): Promise<Providers> {
  const kms: KmsEnvelope[] = [];
  const byResource = new Map<string, PrefixedTransformer[]>();
  for (const { resources, providers } of [...configuration, ...readers]) {
    const transformers = providers.map((provider) => transformerOf(env, provider, kms));
    for (const text of resources) {
      const { group, resource } = groupResourceOf(text);
      if (readers.every((reader) => reader.resources !== resources)) mustNotBeMasked(byResource, text);
      const key = `${resource}.${group}`;
      byResource.set(key, [...(byResource.get(key) ?? []), ...transformers]);
    }
  }
  const unknown = 'no matching prefix found';
  const made = new Map([...byResource].map(([key, list]) => [key, prefixed(list, unknown)] as const));
  await Promise.all(kms.map((envelope) => envelope.start()));
  return {
    transformerOf: ({ group, resource }) =>
      made.get(`${resource}.${group}`) ?? made.get(`*.${group}`) ?? made.get('*.*'),
    problem() {
      const problems = kms.flatMap(({ problem }) => problem ?? []);
      return problems.length === 0 ? undefined : problems.join(', ');
    },
    stop: () => kms.forEach((envelope) => void envelope.stop()),
  };
}

function mustNotBeMasked(earlier: ReadonlyMap<string, unknown>, text: string): void {
  const { group } = groupResourceOf(text);
  for (const mask of [`*.${group}`, '*.*']) {
    if (!earlier.has(mask)) continue;
    throw new Error(
      `error while building transformers: resource ${JSON.stringify(text)} is masked by earlier rule ${JSON.stringify(mask)}`,
    );
  }
}

function transformerOf(env: Env, provider: Provider, kms: KmsEnvelope[]): PrefixedTransformer {
  const { aesgcm, aescbc, secretbox: box } = provider;
  const { random } = env;
  if (aesgcm) return byKeyName('aesgcm', 'AES', aesgcm.keys ?? [], (key) => aesGcm(key, random));
  if (aescbc) return byKeyName('aescbc', 'AES', aescbc.keys ?? [], (key) => aesCbc(key, random));
  if (box) return byKeyName('secretbox', 'Secretbox', box.keys ?? [], (key) => secretbox(key, random));
  if (provider.kms) return byKms(env, provider.kms, kms);
  return { prefix: '', transformer: identity };
}

function byKeyName(
  name: string,
  cipher: string,
  keys: readonly EncryptionKey[],
  make: (key: Uint8Array) => Transformer,
): PrefixedTransformer {
  const byName = keys.map(({ name, secret }) => ({
    prefix: `${name}:`,
    transformer: make(Buffer.from(secret, 'base64')),
  }));
  const unknown = `no matching key was found for the provided ${cipher} transformer`;
  return { prefix: `k8s:enc:${name}:v1:`, transformer: prefixed(byName, unknown) };
}

function byKms(env: Env, provider: KmsProvider, kms: KmsEnvelope[]): PrefixedTransformer {
  const { apiVersion, name, endpoint, timeoutMs } = provider;
  if (apiVersion !== 'v2') {
    throw new Error(
      'KMSv1 is deprecated and will only receive security updates going forward. Use KMSv2 instead: set apiVersion to v2',
    );
  }
  const envelope = new KmsEnvelope(env, name, openKmsPlugin(endpoint, timeoutMs));
  kms.push(envelope);
  return { prefix: `k8s:enc:kms:v2:${name}:`, transformer: envelope };
}

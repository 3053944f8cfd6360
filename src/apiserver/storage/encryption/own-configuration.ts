/**
 * The cluster's own EncryptionConfiguration: encrypts Secrets, or the resources that `up --encrypt` names, by a key that
 * lies beside the cluster's certificates.
 */

import type { Random } from '#base/random.ts';
import type { PkiStore } from '#pki/pki.ts';
import { readEncryptionConfiguration } from './configuration.ts';

/** The name among the cluster's certificates and keys. */
export const ownConfigurationFile = 'encryption.yaml';

const keyBytes = 32;

/** Undefined for a cluster of an older release, and for a cluster whose store is in memory. */
export function ownConfiguration(store: PkiStore): string | undefined {
  return store.read(ownConfigurationFile);
}

export function createOwnConfiguration(
  store: PkiStore,
  random: Random,
  resources: readonly string[] = ['secrets'],
): void {
  const secret = Buffer.from(random.bytes(keyBytes)).toString('base64');
  store.write(ownConfigurationFile, textOf([blockOf(resources, [secretbox(secret), 'identity: {}'])]));
}

/**
 * Encrypts these resources from now on. What was encrypted before stays readable, by the same key. Throws without
 * writing when `own` has no secretbox key.
 */
export function changeOwnConfiguration(store: PkiStore, own: string, resources: readonly string[]): void {
  const blocks = readEncryptionConfiguration(own);
  const providers = blocks.flatMap(({ providers }) => providers);
  const secret = providers.flatMap(({ secretbox }) => secretbox?.keys ?? [])[0]?.secret;
  if (secret === undefined) throw new Error(`${ownConfigurationFile} has no secretbox key to encrypt with`);
  const former = blocks.flatMap((block) => block.resources).filter((name) => !resources.includes(name));
  const text = textOf([
    blockOf(resources, [secretbox(secret), 'identity: {}']),
    ...(former.length > 0 ? [blockOf(former, ['identity: {}', secretbox(secret)])] : []),
  ]);
  if (text !== own) store.write(ownConfigurationFile, text);
}

function textOf(blocks: readonly string[]): string {
  const head = 'apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n';
  return `${head}${blocks.join('')}`;
}

function blockOf(resources: readonly string[], providers: readonly string[]): string {
  const lines = providers.map((provider) => `  - ${provider}\n`);
  return `- resources: [${resources.join(', ')}]\n  providers:\n${lines.join('')}`;
}

function secretbox(secret: string): string {
  return `secretbox:\n      keys:\n      - name: key1\n        secret: ${secret}`;
}

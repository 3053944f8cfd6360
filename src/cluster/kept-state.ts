/** Opens what is kept of a cluster from one start to the next: its store, and the certificates that belong to it. */

import { isEncrypted } from '#apiserver/storage/encryption/identity.ts';
import {
  changeOwnConfiguration,
  createOwnConfiguration,
  ownConfiguration,
  ownConfigurationFile,
} from '#apiserver/storage/encryption/own-configuration.ts';
import { ownPrefixes, startEncryption } from '#apiserver/storage/encryption/start.ts';
import type { Env } from '#base/env.ts';
import { StoreLossError } from '#store/errors.ts';
import { openMemoryStore } from '#store/memory/store.ts';
import { openSqliteStore } from '#store/sqlite/store.ts';
import { type LocalStore, prefixRange } from '#store/store.ts';
import type { Settings } from './cluster-options.ts';
import { knownRevision, noteRevisions } from './state/known-revision.ts';

/** Documents of the authorities that sign everything else. */
const authorityFiles = ['ca.crt', 'ca.key', 'sa.key'];

export async function openStore(settings: Settings): Promise<LocalStore> {
  const { env, parts, store = 'memory' } = settings;
  const opened = store === 'memory' ? openMemoryStore(env) : await openSqlite(settings, store.sqlite);
  parts.add('store', () => opened.close());
  if (store !== 'memory') {
    const stopNoting = noteRevisions(env, noteOf(store.sqlite), () => opened.newestRevision());
    parts.add('revision notes', stopNoting);
  }
  return opened;
}

function openSqlite({ env, acceptLoss, listener, pkiStore }: Settings, path: string): Promise<LocalStore> {
  return openSqliteStore({
    env,
    path,
    knownRevision: knownRevision(noteOf(path)),
    // Certificates are only created when there is a store.
    isUsed: pkiStore?.read('ca.crt') !== undefined,
    acceptLoss,
    onLoss: (what) => listener?.warn(what),
  });
}

function noteOf(database: string): string {
  return `${database}.revision`;
}

/** With new authorities, every token, certificate and kubeconfig issued before would be invalid. */
export function refuseLostCertificates(settings: Settings, opened: LocalStore): void {
  const { pkiStore, store, acceptLoss, listener } = settings;
  if (!pkiStore || store === 'memory' || isNew(opened)) return;
  const missing = authorityFiles.filter((name) => !pkiStore.read(name));
  if (missing.length === 0) return;
  const loss = `${missing.join(', ')} missing among the cluster's certificates, though it has run before`;
  if (!acceptLoss) throw new StoreLossError(loss);
  listener?.warn(`${loss}; they are created again, and everything they signed is invalid`);
}

/** Objects read at a time to find an encrypted one. */
const pageItems = 100;

/** Without the key of the cluster its secrets are lost: it must not start as if there were none. */
export async function refuseLostKey(settings: Settings, opened: LocalStore): Promise<void> {
  const { env, pkiStore, store, configuration, acceptLoss, listener } = settings;
  // The keys of a file that the user configures are the user's to keep, as with upstream's server.
  const isOwn = configuration?.arguments['encryption-provider-config'] === undefined;
  if (!pkiStore || store === 'memory' || isNew(opened) || !isOwn) return;
  const own = ownConfiguration(pkiStore);
  const isLost = own
    ? await isWrongKey(env, opened, own)
    : (await firstEncrypted(opened, '/registry/')) !== undefined;
  if (!isLost) return;
  const loss = own
    ? `the key in ${ownConfigurationFile} is not the one that what is stored is encrypted by`
    : `${ownConfigurationFile} missing among the cluster's certificates, though its key encrypts what is stored`;
  if (!acceptLoss) throw new StoreLossError(loss);
  listener?.warn(`${loss}; what it encrypted stays unreadable`);
  if (!own) createOwnConfiguration(pkiStore, env.random);
}

/** Of each resource that is encrypted, one encrypted object is read. */
async function isWrongKey(env: Env, opened: LocalStore, own: string): Promise<boolean> {
  const encryption = await startEncryption(env, opened, {}, own);
  try {
    for (const prefix of ownPrefixes(own)) {
      const key = await firstEncrypted(opened, prefix);
      if (key === undefined) continue;
      const { items } = await encryption.store.range(prefixRange(key), { limit: 1 });
      if (items.some(({ unreadable }) => unreadable)) return true;
    }
    return false;
  } finally {
    encryption.stop();
  }
}

/** The key of the first encrypted object, page by page: in most clusters it is on the first one. */
async function firstEncrypted(opened: LocalStore, prefix: string): Promise<string | undefined> {
  const { start, end } = prefixRange(prefix);
  for (let next = start; ; ) {
    const { items, more } = await opened.range({ start: next, end }, { limit: pageItems });
    const found = items.find(({ value }) => isEncrypted(value));
    if (found || !more) return found?.key;
    next = `${items.at(-1)!.key}\0`;
  }
}

/** Secrets of a new cluster do not lie on the disk in the clear; `encrypt` names other resources. */
export function settleEncryption({ env, pkiStore, store, encrypt }: Settings, opened: LocalStore): void {
  if (!pkiStore || store === 'memory') return;
  const own = ownConfiguration(pkiStore);
  if (own && encrypt) changeOwnConfiguration(pkiStore, own, encrypt);
  else if (!own && (encrypt || isNew(opened))) createOwnConfiguration(pkiStore, env.random, encrypt);
}

function isNew(store: LocalStore): boolean {
  return store.newestRevision() <= 1;
}

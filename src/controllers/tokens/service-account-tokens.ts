/**
 * Fills Secrets of type kubernetes.io/service-account-token with a token, the cluster's CA and the namespace;
 * deletes Secrets of deleted ServiceAccounts; removes deleted Secrets from the `secrets` of their ServiceAccount.
 *
 * Reads ServiceAccounts and Secrets; writes both. Follows upstream's tokens controller.
 */

import { secrets, serviceAccounts } from '#api/generated/kinds.gen.ts';
import type { Secret, ServiceAccount } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { StatusError } from '#api/meta/status.ts';
import type { Client } from '#client/client.ts';
import { type ControllerDefinition, defineController } from '#client/controllers/controller.ts';
import { type Action, nothingToDo, targetOf } from '#client/controllers/plan.ts';
import { keyOf } from '#client/controllers/queue-key.ts';
import { type Watch, watch } from '#client/controllers/watch.ts';
import type { Informer } from '#client/informers/informer.ts';

const secretType = 'kubernetes.io/service-account-token';
const nameAnnotation = 'kubernetes.io/service-account.name';
const uidAnnotation = 'kubernetes.io/service-account.uid';
const ignore = ['NotFound', 'Conflict'];

export interface TokenSigner {
  /** A token that lasts as long as its Secret. */
  signLegacy(
    account: { readonly namespace: string; readonly name: string; readonly uid: string },
    secretName: string,
  ): Promise<string>;
}

export interface TokenFacts {
  readonly tokens: TokenSigner;
  readonly caPem: string;
}

export function serviceAccountTokens(facts: TokenFacts): ControllerDefinition {
  return defineController({
    name: 'tokens-controller',
    // Upstream's tokens controller writes with the rights of the controller manager itself.
    identity: 'kube-controller-manager',
    start({ informers, client }) {
      const cached = informers.for(secrets);
      const accounts = new Accounts(informers.for(serviceAccounts), client);
      /** Deleted Secrets that a ServiceAccount may still list, with its name. */
      const deleted = new Map<string, string>();
      return {
        watches: watchesOf(cached, deleted),
        async reconcile(key) {
          const [namespace = '', name = ''] = key.split('/');
          const secret = cached.get(namespace, name);
          if (secret) return { actions: await tokenActions(secret, accounts, facts) };
          const listedBy = deleted.get(key);
          if (listedBy === undefined) return nothingToDo;
          const actions = unlist(await accounts.live(namespace, listedBy), name);
          deleted.delete(key);
          return { actions };
        },
      };
    },
  });
}

/** ServiceAccounts of the cache, or of the server where the cache may not show a new one yet. */
class Accounts {
  readonly #cached: Informer<ServiceAccount>;
  readonly #client: Pick<Client, 'get'>;

  constructor(cached: Informer<ServiceAccount>, client: Pick<Client, 'get'>) {
    this.#cached = cached;
    this.#client = client;
  }

  /** `uid`: undefined for an account of any uid. */
  async find(namespace: string, name: string, uid: string | undefined) {
    const isSame = (account: Stored<ServiceAccount>) => !uid || account.metadata.uid === uid;
    const found = this.#cached.get(namespace, name);
    if (found && isSame(found)) return found;
    const live = await this.live(namespace, name);
    return live && isSame(live) ? live : undefined;
  }

  live(namespace: string, name: string): Promise<Stored<ServiceAccount> | undefined> {
    return orNone(this.#client.get(serviceAccounts, { namespace, name }));
  }
}

function watchesOf(cached: Informer<Secret>, deleted: Map<string, string>): Watch[] {
  return [
    watch({
      type: secrets,
      filter: ({ type }) => type === secretType,
      note(change, secret) {
        const account = accountNameOf(secret);
        if (change !== 'deleted') deleted.delete(keyOf(secret));
        else if (secret.type === secretType && account) deleted.set(keyOf(secret), account);
      },
    }),
    watch({
      type: serviceAccounts,
      on: ['deleted'],
      keys: ({ metadata: { namespace = '', name } }) =>
        cached
          .list(namespace)
          .filter((secret) => secret.type === secretType && accountNameOf(secret) === name)
          .map(keyOf),
    }),
  ];
}

/** Removes a deleted Secret from the `secrets` of its ServiceAccount. */
function unlist(account: Stored<ServiceAccount> | undefined, secretName: string): Action[] {
  const left = account?.secrets?.filter(({ name }) => name !== secretName);
  if (!account || left?.length === account.secrets?.length) return [];
  const object = { ...account, secrets: left ?? [] };
  return [{ do: 'update', type: serviceAccounts, object, ignore: ['NotFound'] }];
}

async function tokenActions(
  secret: Stored<Secret>,
  accounts: Accounts,
  facts: TokenFacts,
): Promise<readonly Action[]> {
  const { namespace = '', uid, annotations } = secret.metadata;
  const accountName = accountNameOf(secret);
  if (secret.type !== secretType || !accountName) return nothingToDo.actions;
  const account = await accounts.find(namespace, accountName, annotations?.[uidAnnotation]);
  if (account) return fill(secret, account, facts);
  return [{ do: 'delete', ...targetOf(secrets, secret), uid, ignore }];
}

async function fill(
  secret: Stored<Secret>,
  account: Stored<ServiceAccount>,
  { tokens, caPem }: TokenFacts,
): Promise<Action[]> {
  const data = { ...secret.data };
  const { namespace = '', name } = secret.metadata;
  const ca = base64(caPem);
  if (data['ca.crt'] === ca && data['namespace'] && data['token']) return [];
  const { uid, name: accountName } = account.metadata;
  data['ca.crt'] = ca;
  data['namespace'] ||= base64(namespace);
  data['token'] ||= base64(await tokens.signLegacy({ namespace, name: accountName, uid }, name));
  const annotations = {
    ...secret.metadata.annotations,
    [nameAnnotation]: accountName,
    [uidAnnotation]: uid,
  };
  const object = { ...secret, metadata: { ...secret.metadata, annotations }, data };
  return [{ do: 'update', type: secrets, object, ignore }];
}

function accountNameOf({ metadata }: Stored<Secret>): string | undefined {
  return metadata.annotations?.[nameAnnotation];
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

async function orNone<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof StatusError && error.code === 404) return undefined;
    throw error;
  }
}

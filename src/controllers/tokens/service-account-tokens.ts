/**
 * Fills Secrets of type kubernetes.io/service-account-token with a token, the cluster's authority and the namespace;
 * deletes those whose ServiceAccount is gone; takes deleted ones off the list of their ServiceAccount.
 *
 * Reads ServiceAccounts and Secrets; writes both. Follows upstream's tokens controller.
 */

import { secrets, serviceAccounts } from '#api/generated/kinds.gen.ts';
import type { Secret, ServiceAccount } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { StatusError } from '#api/meta/status.ts';
import { type ControllerDefinition, defineController } from '#client/controllers/controller.ts';
import { type Action, nothingToDo, targetOf } from '#client/controllers/plan.ts';
import { watch } from '#client/controllers/watch.ts';

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

export function serviceAccountTokens({ tokens, caPem }: TokenFacts): ControllerDefinition {
  return defineController({
    name: 'tokens-controller',
    // Upstream's writes with the rights of the controller manager itself.
    identity: 'kube-controller-manager',
    start({ informers, client }) {
      const cached = informers.for(secrets);
      const accounts = informers.for(serviceAccounts);
      /** Deleted Secrets that a ServiceAccount may still list, with its name. */
      const deleted = new Map<string, string>();

      /** The cache may not show a new account yet. */
      async function accountOf(namespace: string, name: string, uid: string | undefined) {
        const isSame = (account: Stored<ServiceAccount>) => !uid || account.metadata.uid === uid;
        const found = accounts.get(namespace, name);
        if (found && isSame(found)) return found;
        const live = await orNone(client.get(serviceAccounts, { namespace, name }));
        return live && isSame(live) ? live : undefined;
      }

      async function unlist(namespace: string, secretName: string, accountName: string): Promise<Action[]> {
        const account = await orNone(client.get(serviceAccounts, { namespace, name: accountName }));
        const left = account?.secrets?.filter(({ name }) => name !== secretName);
        if (!account || left?.length === account.secrets?.length) return [];
        const object = { ...account, secrets: left ?? [] };
        return [{ do: 'update', type: serviceAccounts, object, ignore: ['NotFound'] }];
      }

      async function fill(secret: Stored<Secret>, account: Stored<ServiceAccount>): Promise<Action[]> {
        const data = { ...secret.data };
        const { namespace = '', name } = secret.metadata;
        const ca = base64(caPem);
        if (data['ca.crt'] === ca && data['namespace'] && data['token']) return [];
        const { uid } = account.metadata;
        data['ca.crt'] = ca;
        data['namespace'] ||= base64(namespace);
        data['token'] ||= base64(
          await tokens.signLegacy({ namespace, name: account.metadata.name, uid }, name),
        );
        const annotations = {
          ...secret.metadata.annotations,
          [nameAnnotation]: account.metadata.name,
          [uidAnnotation]: uid,
        };
        const object = { ...secret, metadata: { ...secret.metadata, annotations }, data };
        return [{ do: 'update', type: secrets, object, ignore }];
      }

      return {
        watches: [
          watch({
            type: secrets,
            filter: ({ type }) => type === secretType,
            note(change, { type, metadata }) {
              const account = metadata.annotations?.[nameAnnotation];
              const key = `${metadata.namespace}/${metadata.name}`;
              if (change !== 'deleted') deleted.delete(key);
              else if (type === secretType && account) deleted.set(key, account);
            },
          }),
          watch({
            type: serviceAccounts,
            on: ['deleted'],
            keys: ({ metadata: { namespace = '', name } }) =>
              cached
                .list(namespace)
                .filter((secret) => secret.type === secretType && accountNameOf(secret) === name)
                .map((secret) => `${namespace}/${secret.metadata.name}`),
          }),
        ],
        async reconcile(key) {
          const [namespace = '', name = ''] = key.split('/');
          const secret = cached.get(namespace, name);
          if (!secret) {
            const listedBy = deleted.get(key);
            if (listedBy === undefined) return nothingToDo;
            const actions = await unlist(namespace, name, listedBy);
            deleted.delete(key);
            return { actions };
          }
          const accountName = accountNameOf(secret);
          if (secret.type !== secretType || !accountName) return nothingToDo;
          const account = await accountOf(
            namespace,
            accountName,
            secret.metadata.annotations?.[uidAnnotation],
          );
          if (account) return { actions: await fill(secret, account) };
          const { uid } = secret.metadata;
          return { actions: [{ do: 'delete', ...targetOf(secrets, secret), uid, ignore }] };
        },
      };
    },
  });
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

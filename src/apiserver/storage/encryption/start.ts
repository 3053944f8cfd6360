/** Starts encryption at rest by the arguments of the API server. */

import type { ApiServerArguments } from '#api/configuration/api-server-arguments.ts';
import { kindOf } from '#api/kinds/kinds.ts';
import { loadSchema } from '#api/schema/load-schema.ts';
import type { Env } from '#base/env.ts';
import { followUserFile, readUserFile } from '#host/files/user-file.ts';
import type { Store } from '#store/store.ts';
import { prefixOf } from '../../registry/keys.ts';
import { readEncryptionConfiguration } from './configuration.ts';
import type { GroupResource } from './resource-providers.ts';

export interface StartedEncryption {
  /** The store itself where nothing is encrypted. */
  readonly store: Store;
  isStale(key: string): Promise<boolean> | undefined;
  /** The failure of the health check; undefined when all key services are healthy. */
  problem(): string | undefined;
  stop(): void;
}

/** `own`: the cluster's own configuration. Throws an Error for an invalid configuration. */
export async function startEncryption(
  env: Env,
  store: Store,
  given: ApiServerArguments,
  own: string | undefined,
): Promise<StartedEncryption> {
  const path = given['encryption-provider-config'];
  if (path === undefined && own === undefined) return inTheClear(store);
  const configuration = path === undefined ? undefined : { path, text: readUserFile(path) };
  // With its libraries loaded only where something is encrypted.
  const { Encryption } = await import('./encryption.ts');
  const encryption = await Encryption.start({
    env,
    store,
    configuration,
    own,
    resources: resourcesByPrefix(),
  });
  const follows = path !== undefined && given['encryption-provider-config-automatic-reload'] === true;
  const file = follows
    ? followUserFile(env.clock, path, (text) => void encryption.reload({ path, text }))
    : undefined;
  return {
    store: encryption.store,
    isStale: (key) => encryption.store.isStale(key),
    problem: () => encryption.problem(),
    stop() {
      file?.stop();
      encryption.stop();
    },
  };
}

function inTheClear(store: Store): StartedEncryption {
  return { store, isStale: () => undefined, problem: () => undefined, stop() {} };
}

/** Where the resources that the cluster's own configuration names are stored. */
export function ownPrefixes(own: string): readonly string[] {
  const builtIn = [...resourcesByPrefix()];
  const names = readEncryptionConfiguration(own).flatMap(({ resources }) => resources);
  return names.map((name) => {
    const [resource = '', ...group] = name.split('.');
    if (resource === '*') return '/registry/';
    const known = builtIn.find(([, def]) => def.resource === resource && def.group === group.join('.'));
    return known?.[0] ?? `/registry/${group.join('.')}/${resource}/`;
  });
}

function resourcesByPrefix(): ReadonlyMap<string, GroupResource> {
  // Events of `events.k8s.io` are stored under the keys of the core group's events.
  const stored = loadSchema().resources.filter(({ group }) => group !== 'events.k8s.io');
  return new Map(stored.map((def) => [prefixOf(kindOf(def)), { group: def.group, resource: def.resource }]));
}

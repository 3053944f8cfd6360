/**
 * Node-local storage of a cluster: a provisioner, a deleter and a resizer of volumes that lie on the disks of
 * its nodes, under an account of their own. They know the rest of the cluster through the API alone.
 */

import { nodes } from '#api/generated/kinds.gen.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import { startControllers } from '#client/controllers/controller-runner.ts';
import type { Informers } from '#client/informers/informer.ts';
import type { NodeStorage } from './node/node-storage.ts';
import { deleter } from './volumes/deleter.ts';
import { provisioner } from './volumes/provisioner.ts';
import { resizer } from './volumes/resizer.ts';
import { storageOf } from './volumes/storage-of.ts';

export interface StorageOptions {
  readonly env: Env;
  /** Of the account `accountName`. */
  readonly client: Client;
  readonly informers: Informers;
  /** By the names of the nodes that are served here; may grow while it runs. */
  readonly storages: ReadonlyMap<string, NodeStorage>;
}

export interface RunningStorage {
  stop(): Promise<void>;
}

export function startStorage({ env, client, informers, storages }: StorageOptions): RunningStorage {
  const find = storageOf(storages, informers.for(nodes));
  return startControllers([provisioner(storages), deleter(find), resizer(find)], { env, client, informers });
}

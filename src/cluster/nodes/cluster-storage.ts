/** Storage of the cluster's nodes, and the default class that leads claims to it. */

import { storageClasses } from '#api/generated/kinds.gen.ts';
import { StatusError } from '#api/meta/status.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import { createClient } from '#client/rest/client.ts';
import type { NodeStorage } from '#storage/node/node-storage.ts';
import { startStorage } from '#storage/start-storage.ts';
import { defaultStorageClass } from '#storage/volumes/default-class.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { storageUser } from '../control-plane/identities.ts';
import type { StartedParts } from '../started-parts.ts';

/** `storages`: of the nodes that have been started, by name. */
export async function startClusterStorage(
  env: Env,
  { server, readers, admin }: Pick<ControlPlane, 'server' | 'readers' | 'admin'>,
  storages: ReadonlyMap<string, NodeStorage>,
  parts: StartedParts,
): Promise<void> {
  if (storages.size === 0) return;
  await ensureDefaultClass(admin);
  const storage = startStorage({
    env: { ...env, log: env.log.child({ part: 'storage' }) },
    client: createClient(server.transport(storageUser), { userAgent: 'local-path-provisioner' }),
    informers: readers.as(storageUser),
    storages,
  });
  parts.add('storage', () => storage.stop());
}

/** One that is there stays as its users have made it. */
async function ensureDefaultClass(client: Client): Promise<void> {
  try {
    await client.create(storageClasses, defaultStorageClass);
  } catch (error) {
    if (!(error instanceof StatusError && error.reason === 'AlreadyExists')) throw error;
  }
}

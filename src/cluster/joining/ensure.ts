/** Makes what machines join by, at every start: what is there stays as it is, but for the address of the API. */

import {
  clusterRoleBindings as clusterRoleBindingType,
  clusterRoles as clusterRoleType,
  configMaps,
  roleBindings as roleBindingType,
  roles as roleType,
} from '#api/generated/kinds.gen.ts';
import type { ConfigMap } from '#api/generated/types.gen.ts';
import type { KubeObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { StatusError } from '#api/meta/status.ts';
import type { Client } from '#client/client.ts';
import {
  clusterInfo,
  clusterRoleBindings,
  clusterRoles,
  type JoiningFacts,
  kubeadmConfig,
  kubeletConfig,
  roleBindings,
  roles,
} from './objects.ts';

/** `admin` acts as a member of `system:masters`. */
export async function ensureJoining(admin: Client, facts: JoiningFacts): Promise<void> {
  const make =
    <T extends KubeObject>(type: ResourceType<T>) =>
    (object: T) =>
      createUnlessThere(admin, type, object);
  await Promise.all([
    ...clusterRoles.map(make(clusterRoleType)),
    ...clusterRoleBindings.map(make(clusterRoleBindingType)),
    ...roles.map(make(roleType)),
    ...roleBindings.map(make(roleBindingType)),
    ...[kubeadmConfig(facts), kubeletConfig(facts)].map(make(configMaps)),
    ensureClusterInfo(admin, clusterInfo(facts)),
  ]);
}

/** Returns false where it is there. */
async function createUnlessThere<T extends KubeObject>(
  client: Client,
  type: ResourceType<T>,
  object: T,
): Promise<boolean> {
  try {
    await client.create(type, object);
    return true;
  } catch (error) {
    if (error instanceof StatusError && error.reason === 'AlreadyExists') return false;
    throw error;
  }
}

/** The server's address may have changed; signatures are the bootstrap signer's to renew. */
async function ensureClusterInfo(client: Client, wanted: ConfigMap): Promise<void> {
  if (await createUnlessThere(client, configMaps, wanted)) return;
  const { namespace = '', name = '' } = wanted.metadata ?? {};
  const { data = {} } = await client.get(configMaps, { namespace, name });
  const kubeconfig = wanted.data?.['kubeconfig'];
  if (data['kubeconfig'] === kubeconfig) return;
  await client.patch(configMaps, { namespace, name }, 'merge', { data: { kubeconfig } });
}

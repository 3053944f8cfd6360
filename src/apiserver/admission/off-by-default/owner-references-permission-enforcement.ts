/**
 * Only who may delete an object changes its owners, and only who may change an owner's finalizers lets the object block
 * the owner's deletion. Upstream: OwnerReferencesPermissionEnforcement, off by default.
 */

import type { AnyObject, OwnerReference } from '#api/meta/object.ts';
import { forbidden } from '#api/meta/status.ts';
import type { UserInfo } from '#api/meta/user.ts';
import { deepEqual } from '#api/schema/deep-equal.ts';
import { type AdmissionAttributes, type AdmissionPlugin, defineAdmission } from '../../contract/admission.ts';
import type {
  AuthorizationAttributes,
  AuthorizationDecision,
  Authorizer,
} from '../../contract/authorization.ts';
import type { Resources } from '../../registry/resources.ts';

/** Writes that never change owners: by resource, group and subresource. */
const keepingOwners = new Set(['pods./status']);

type Question = Omit<AuthorizationAttributes, 'user' | 'isResource' | 'path'>;

const anyFinalizers: Question = {
  verb: 'update',
  group: '*',
  version: '*',
  resource: '*',
  subresource: 'finalizers',
  namespace: '',
  name: '*',
};

export function ownerReferencesPermissionEnforcement(
  authorizer: Authorizer,
  resources: Pick<Resources, 'all'>,
): AdmissionPlugin {
  const ask = (user: UserInfo, question: Question) =>
    authorizer.authorize({ ...question, user, isResource: true, path: '' });
  const refusedFor = async (attributes: AdmissionAttributes, owner: OwnerReference) => {
    const finalizers = finalizersOf(resources, owner, attributes.namespace);
    if (typeof finalizers === 'string') {
      const { apiVersion, kind } = owner;
      return `cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion ${apiVersion} Kind ${kind}: ${finalizers}`;
    }
    for (const question of finalizers) {
      const decision = await ask(attributes.user, question);
      if (decision.decision !== 'allow') {
        return `cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: ${whyOf(decision)}`;
      }
    }
    return undefined;
  };
  return defineAdmission({
    name: 'OwnerReferencesPermissionEnforcement',
    rules: [{ operations: ['CREATE', 'UPDATE'], apiGroups: ['*'], resources: ['*/*'] }],
    async validate(attributes) {
      const { type, name, subresource, operation, user } = attributes;
      if (keepingOwners.has(`${type.resource}.${type.group}/${subresource}`)) return;
      const [owners, before] = [ownersOf(attributes.object), ownersOf(attributes.oldObject)];
      if (deepEqual(owners, before)) return;
      if (operation !== 'CREATE') {
        const decision = await ask(user, deletionOf(attributes));
        if (decision.decision !== 'allow') {
          throw forbidden(
            type,
            name,
            `cannot set an ownerRef on a resource you can't delete: ${whyOf(decision)}`,
          );
        }
      }
      const blocked = newlyBlocked(owners, before);
      if (blocked.length === 0 || (await ask(user, anyFinalizers)).decision === 'allow') return;
      for (const owner of blocked) {
        const refusal = await refusedFor(attributes, owner);
        if (refusal) throw forbidden(type, name, refusal);
      }
    },
  });
}

function ownersOf(object: AnyObject | undefined): readonly OwnerReference[] {
  return object?.metadata?.ownerReferences ?? [];
}

function newlyBlocked(
  owners: readonly OwnerReference[],
  before: readonly OwnerReference[],
): readonly OwnerReference[] {
  const blocked = new Set(before.flatMap(({ uid, blockOwnerDeletion }) => (blockOwnerDeletion ? uid : [])));
  return owners.filter(({ uid, blockOwnerDeletion }) => blockOwnerDeletion && !blocked.has(uid));
}

function deletionOf({ type, subresource, namespace, name }: AdmissionAttributes): Question {
  const { group, version, resource } = type;
  return { verb: 'delete', group, version, resource, subresource, namespace, name };
}

/** A kind may be that of several resources. A text says why there is none. */
function finalizersOf(
  { all }: Pick<Resources, 'all'>,
  { apiVersion, kind, name }: OwnerReference,
  namespace: string,
): readonly Question[] | string {
  const parts = apiVersion.split('/');
  if (parts.length > 2) return `unexpected GroupVersion string: ${apiVersion}`;
  const found = all.filter(({ def, apiVersion: served }) => served === apiVersion && def.kind === kind);
  if (found.length === 0) {
    return `no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}`;
  }
  return found.map(({ def }) => ({
    verb: 'update',
    group: def.group,
    version: def.version,
    resource: def.resource,
    subresource: 'finalizers',
    // A namespaced owner is in the namespace of its dependents.
    namespace: def.namespaced ? namespace : '',
    name,
  }));
}

/** The reason and the error, as Go prints them. */
function whyOf({ reason, error }: AuthorizationDecision): string {
  return `${reason}, ${error ?? '<nil>'}`;
}

/**
 * SubjectAccessReviews predict what happens: an account is refused first, and allowed once it has the role.
 */

import assert from 'node:assert/strict';
import {
  localSubjectAccessReviews,
  roleBindings,
  roles,
  serviceAccounts,
  subjectAccessReviews,
} from '#api/generated/kinds.gen.ts';
import type { ResourceAttributes } from '#api/generated/types.gen.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';

const account = 'reviewed';

async function isAllowed(
  { client, namespace }: BehaviourContext,
  user: string,
  resourceAttributes: ResourceAttributes,
): Promise<boolean[]> {
  const spec = { user, resourceAttributes };
  const metadata = { namespace };
  const whole = await client.create(subjectAccessReviews, { spec });
  const local = await client.create(localSubjectAccessReviews, { metadata, spec });
  return [whole.status!.allowed, local.status!.allowed];
}

async function reviews(context: BehaviourContext): Promise<void> {
  const { client, namespace, eventually } = context;
  await client.create(serviceAccounts, { metadata: { name: account, namespace } });
  const user = `system:serviceaccount:${namespace}:${account}`;
  const attributes = { namespace, verb: 'list', group: '', version: 'v1', resource: 'configmaps' };
  const lists = () => context.kubectl('get', 'configmaps', '--as', user);

  assert.deepEqual(await isAllowed(context, user, attributes), [false, false]);
  await assert.rejects(lists(), /Forbidden/);

  const metadata = { name: account, namespace };
  const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }];
  await client.create(roles, { metadata, rules });
  await client.create(roleBindings, {
    metadata,
    subjects: [{ kind: 'ServiceAccount', name: account, namespace }],
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: account },
  });
  await eventually('the reviews allow it', async () => {
    assert.deepEqual(await isAllowed(context, user, attributes), [true, true]);
    return true;
  });
  assert.match(await lists(), /kube-root-ca\.crt/);
  const elsewhere = { ...attributes, namespace: 'kube-system' };
  const { status } = await client.create(subjectAccessReviews, {
    spec: { user, resourceAttributes: elsewhere },
  });
  assert.equal(status?.allowed, false);
}

export const subjectReviews: readonly Behaviour[] = [
  behaviour('[sig-auth] SubjectReview should support SubjectReview API operations [Conformance]', reviews),
];

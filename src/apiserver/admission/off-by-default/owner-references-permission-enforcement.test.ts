import { configMaps, pods } from '#api/generated/kinds.gen.ts';
import type { OwnerReference } from '#api/meta/object.ts';
import { loadSchema } from '#api/schema/load-schema.ts';
import { newPod } from '#testing/objects.ts';
import type { AuthorizationAttributes } from '../../contract/authorization.ts';
import type { Resources } from '../../registry/resources.ts';
import { testAdmission } from '../../testing/admission.ts';
import { ownerReferencesPermissionEnforcement } from './owner-references-permission-enforcement.ts';

const served = loadSchema().resources.map((def) => ({
  def,
  apiVersion: def.group === '' ? def.version : `${def.group}/${def.version}`,
}));
const resources = { all: served } as unknown as Pick<Resources, 'all'>;

/** Allows these questions: `verb resource/subresource namespace/name`. */
const allowing = (...allowed: string[]) => ({
  name: 'test',
  authorize({ verb, resource, subresource, namespace, name }: AuthorizationAttributes) {
    const question = `${verb} ${resource}${subresource && '/'}${subresource} ${namespace}/${name}`;
    return allowed.includes(question)
      ? ({ decision: 'allow', reason: '' } as const)
      : ({ decision: 'noOpinion', reason: 'not him' } as const);
  },
});
const plugin = (...allowed: string[]) =>
  ownerReferencesPermissionEnforcement(allowing(...allowed), resources);

const owner = (more: Partial<OwnerReference> = {}): OwnerReference => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  name: 'r',
  uid: 'u',
  ...more,
});
const owned = (...ownerReferences: OwnerReference[]) => {
  const { metadata, ...pod } = newPod('p');
  return { ...pod, metadata: { ...metadata, ownerReferences } };
};
const blocking = owned(owner({ blockOwnerDeletion: true }));
const forbidden = (why: string) => `403 pods "p" is forbidden: cannot set ${why}`;
const noFinalizers = forbidden(
  "blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: not him, <nil>",
);

testAdmission('OwnerReferencesPermissionEnforcement, nothing allowed', () => plugin(), [
  { name: 'a create with an owner – is let in', type: pods, object: owned(owner()) },
  { name: 'a create with a blocked owner – is refused', type: pods, object: blocking, refusal: noFinalizers },
  {
    name: 'an update that adds an owner – is refused',
    type: pods,
    operation: 'UPDATE',
    object: owned(owner()),
    old: owned(),
    refusal: forbidden("an ownerRef on a resource you can't delete: not him, <nil>"),
  },
  {
    name: 'an update that leaves the owners as they are – is let in',
    type: pods,
    operation: 'UPDATE',
    object: blocking,
    old: blocking,
  },
  {
    name: 'the status of a pod – is let in',
    type: pods,
    operation: 'UPDATE',
    subresource: 'status',
    object: owned(owner()),
    old: owned(),
  },
  {
    name: 'a blocked owner of a kind that is not served – is refused',
    type: pods,
    object: owned(owner({ kind: 'Nothing', blockOwnerDeletion: true })),
    refusal: forbidden(
      'blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion apps/v1 Kind Nothing: no matches for kind "Nothing" in version "apps/v1"',
    ),
  },
  {
    name: 'another resource without owners – is let in',
    type: configMaps,
    object: { metadata: { name: 'c' } },
  },
]);

testAdmission(
  "OwnerReferencesPermissionEnforcement, the owner's finalizers allowed",
  () => plugin('update replicasets/finalizers default/r', 'delete pods default/p'),
  [
    { name: 'a create with a blocked owner – is let in', type: pods, object: blocking },
    {
      name: 'an update that blocks an owner – is let in',
      type: pods,
      operation: 'UPDATE',
      object: blocking,
      old: owned(owner()),
    },
  ],
);

testAdmission(
  'OwnerReferencesPermissionEnforcement, all finalizers allowed',
  () => plugin('update */finalizers /*'),
  [{ name: 'a create with a blocked owner – is let in', type: pods, object: blocking }],
);

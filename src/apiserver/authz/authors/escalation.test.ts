import { clusterRoles, roleBindings, roles } from '#api/generated/kinds.gen.ts';
import type { AnyObject } from '#api/meta/object.ts';
import type { UserInfo } from '#api/meta/user.ts';
import { type AdmissionPlugin, defineAdmission } from '../../contract/admission.ts';
import type { StorageHooks } from '../../contract/storage-hooks.ts';
import { type AdmissionRow, testAdmission } from '../../testing/admission.ts';
import { podsIn } from '../../testing/pods-in.ts';
import { defaultAuthorization } from '../authorizer.ts';
import { escalationHooks } from './escalation.ts';

const group = 'rbac.authorization.k8s.io';
const rule = (verbs: string[], apiGroup: string, resource: string) => ({
  verbs,
  apiGroups: [apiGroup],
  resources: [resource],
});
const role = (name: string, ...rules: object[]) => ({ metadata: { name, namespace: 'default' }, rules });
const held = rule(['get', 'list'], '', 'pods');
const more = rule(['create', 'delete'], 'apps', 'deployments');
const bindingTo = (name: string, user: string) => ({
  metadata: { name: 'b', namespace: 'default' },
  roleRef: { apiGroup: group, kind: 'Role', name },
  subjects: [{ kind: 'User', name: user }],
});

/** Jane holds the role `dev`, and the rules of the row. */
const janeHas = (...rules: object[]): NonNullable<AdmissionRow['stored']> => [
  [roles, role('dev', held, ...rules)],
  [roles, role('admin', more)],
  [roleBindings, bindingTo('dev', 'jane')],
];
const escalation = (resource: string, name: string) =>
  `403 ${resource}.${group} "${name}" is forbidden: user "jane" (groups=["system:authenticated"]) is ` +
  'attempting to grant RBAC permissions not currently held:\n' +
  '{APIGroups:["apps"], Resources:["deployments"], Verbs:["create" "delete"]}';
const master: UserInfo = { name: 'root', groups: ['system:masters'] };

/** What the storage says, in the place of a plugin: the table of plugins serves for it. */
function asPlugin(hooks: readonly StorageHooks[]): AdmissionPlugin {
  return defineAdmission({
    name: 'escalation',
    rules: [{ operations: ['CREATE', 'UPDATE'], apiGroups: [group], resources: ['*'] }],
    mutate: ({ operation, type, namespace, name, object, oldObject, user }) =>
      hooks
        .find(({ resource }) => resource === type.resource)
        ?.judge?.({
          type,
          namespace,
          name: operation === 'CREATE' ? '' : name,
          object: object!,
          old: oldObject,
          user,
          verb: operation.toLowerCase(),
        }),
  });
}

const labelled = (object: object): AnyObject => ({
  ...object,
  metadata: { ...(object as AnyObject).metadata, labels: { a: 'b' } },
});
const owned = (object: object): AnyObject => ({
  ...object,
  metadata: { ...(object as AnyObject).metadata, finalizers: ['example.com/f'], managedFields: [{}] },
});
const aggregating = { metadata: { name: 'c' }, aggregationRule: { clusterRoleSelectors: [{}] } };
const needsAll = `403 clusterroles.${group} "c" is forbidden: must have cluster-admin privileges to use the aggregationRule`;

testAdmission(
  'the escalation check',
  (reader) => asPlugin(escalationHooks(defaultAuthorization(reader, podsIn(reader)))),
  [
    {
      name: 'a role with what its author holds – it is admitted',
      type: roles,
      object: role('r', held),
      stored: janeHas(),
    },
    {
      name: 'a role with more – it is refused',
      type: roles,
      object: role('r', held, more),
      stored: janeHas(),
      refusal: escalation('roles', 'r'),
    },
    {
      name: 'a role with more, of who may escalate – it is admitted',
      type: roles,
      object: role('r', more),
      stored: janeHas(rule(['escalate'], group, 'roles')),
    },
    {
      name: 'a role with more, of a master – it is admitted',
      type: roles,
      object: role('r', more),
      user: master,
    },
    {
      name: 'an update to more – it is refused',
      type: roles,
      operation: 'UPDATE',
      object: role('r', more),
      old: role('r', held),
      stored: janeHas(),
      refusal: escalation('roles', 'r'),
    },
    {
      name: 'an update of the finalizers of a role with more – it is admitted',
      type: roles,
      operation: 'UPDATE',
      object: owned(role('r', more)),
      old: role('r', more),
      stored: janeHas(),
    },
    {
      name: 'an update of the labels of a role with more – it is refused',
      type: roles,
      operation: 'UPDATE',
      object: labelled(role('r', more)),
      old: role('r', more),
      stored: janeHas(),
      refusal: escalation('roles', 'r'),
    },
    {
      name: 'a role of no verbs – it is left to the validation',
      type: roles,
      object: {
        metadata: { name: 'r', namespace: 'default' },
        rules: [{ apiGroups: [''], resources: ['x'] }],
      },
      stored: janeHas(),
    },
    {
      name: 'a cluster role that no longer aggregates others – it is refused',
      type: clusterRoles,
      operation: 'UPDATE',
      object: { metadata: { name: 'c' } },
      old: aggregating,
      stored: janeHas(),
      refusal: needsAll,
    },
    {
      name: 'an update to more, of who may escalate this role – it is admitted',
      type: roles,
      operation: 'UPDATE',
      object: role('r', more),
      old: role('r', held),
      stored: janeHas({ ...rule(['escalate'], group, 'roles'), resourceNames: ['r'] }),
    },
    {
      name: 'a role with more, of who may escalate the role of this name – it is refused',
      type: roles,
      object: role('r', more),
      stored: janeHas({ ...rule(['escalate'], group, 'roles'), resourceNames: ['r'] }),
      refusal: escalation('roles', 'r'),
    },
    {
      name: 'a cluster role that aggregates others – it is refused',
      type: clusterRoles,
      object: aggregating,
      stored: janeHas(),
      refusal: needsAll,
    },
    {
      name: 'a binding to what its author holds – it is admitted',
      type: roleBindings,
      object: bindingTo('dev', 'joe'),
      stored: janeHas(),
    },
    {
      name: 'a binding to more – it is refused',
      type: roleBindings,
      object: bindingTo('admin', 'joe'),
      stored: janeHas(),
      refusal: escalation('rolebindings', 'b'),
    },
    {
      name: 'a binding to more, of who may bind it – it is admitted',
      type: roleBindings,
      object: bindingTo('admin', 'joe'),
      stored: janeHas(rule(['bind'], group, 'roles')),
    },
    {
      name: 'a binding to a role that is not there – it is refused',
      type: roleBindings,
      object: bindingTo('gone', 'joe'),
      stored: janeHas(),
      refusal: `404 roles.${group} "gone" not found`,
    },
    {
      name: 'a binding to no kind of role – it is refused',
      type: roleBindings,
      object: { metadata: { name: 'b', namespace: 'default' } },
      stored: janeHas(),
      refusal: '500 unsupported role reference kind: ""',
    },
    {
      name: 'an update of the labels of a binding to more – it is refused',
      type: roleBindings,
      operation: 'UPDATE',
      object: labelled(bindingTo('admin', 'joe')),
      old: bindingTo('admin', 'joe'),
      stored: janeHas(),
      refusal: escalation('rolebindings', 'b'),
    },
    {
      name: 'an update of the finalizers of a binding to more – it is admitted',
      type: roleBindings,
      operation: 'UPDATE',
      object: owned(bindingTo('admin', 'joe')),
      old: bindingTo('admin', 'joe'),
      stored: janeHas(),
    },
  ],
);

import { clusterRoles, roleBindings, roles } from '#api/generated/kinds.gen.ts';
import type { AnyObject } from '#api/meta/object.ts';
import type { UserInfo } from '#api/meta/user.ts';
import { type AdmissionRow, someone, testAdmission } from '../testing/admission.ts';
import { podsIn } from '../testing/pods-in.ts';
import { defaultAuthorization } from './authorizer.ts';
import { rbacEscalationCheck } from './escalation.ts';

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

testAdmission(
  'RBACEscalation',
  (reader) => rbacEscalationCheck(defaultAuthorization(reader, podsIn(reader))),
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
      name: 'an update that leaves rules that its author does not hold – it is admitted',
      type: roles,
      operation: 'UPDATE',
      object: role('r', more),
      old: role('r', more),
      stored: janeHas(),
    },
    {
      name: 'a cluster role that aggregates others – it is refused',
      type: clusterRoles,
      object: { metadata: { name: 'c' }, aggregationRule: { clusterRoleSelectors: [{}] } },
      stored: janeHas(),
      refusal: `403 clusterroles.${group} "c" is forbidden: user "jane" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:["*"], Resources:["*"], Verbs:["*"]}\n{NonResourceURLs:["*"], Verbs:["*"]}`,
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
      name: 'a binding whose subjects stay – it is admitted',
      type: roleBindings,
      operation: 'UPDATE',
      object: {
        ...bindingTo('admin', 'joe'),
        metadata: { name: 'b', namespace: 'default', labels: { a: 'b' } },
      } as AnyObject,
      old: bindingTo('admin', 'joe'),
      stored: janeHas(),
    },
    {
      name: 'the deletion of a role – it is admitted',
      type: roles,
      operation: 'DELETE',
      old: role('r', more),
      stored: janeHas(),
      user: someone,
    },
  ],
);

/** RBAC over the roles that every cluster begins with. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KubeObject } from '#api/meta/object.ts';
import type { UserInfo } from '#api/meta/user.ts';
import { bootstrapObjects } from '../bootstrap/objects.ts';
import type { AuthorizationAttributes } from '../contract/authorization.ts';
import { ask, listedObjects } from '../testing/authorization.ts';
import { podsIn } from '../testing/pods-in.ts';
import { defaultAuthorization } from './authorizer.ts';

function authorizationOf(objects: readonly KubeObject[]) {
  const reader = listedObjects(objects);
  return defaultAuthorization(reader, podsIn(reader));
}

const bootstrap = bootstrapObjects({ advertiseAddress: '192.0.2.1', securePort: 6443 });
const rbacApi = { apiVersion: 'rbac.authorization.k8s.io/v1' };
const devRole = {
  ...rbacApi,
  kind: 'Role',
  metadata: { name: 'dev', namespace: 'team' },
  rules: [
    { verbs: ['get', 'list'], apiGroups: [''], resources: ['pods', 'pods/log'] },
    { verbs: ['get'], apiGroups: [''], resources: ['secrets'], resourceNames: ['mine'] },
  ],
};
const devBinding = {
  ...rbacApi,
  kind: 'RoleBinding',
  metadata: { name: 'devs', namespace: 'team' },
  roleRef: { kind: 'Role', name: 'dev' },
  subjects: [
    { kind: 'User', name: 'jane' },
    { kind: 'ServiceAccount', name: 'bot', namespace: 'ci' },
  ],
};

const jane: UserInfo = { name: 'jane', groups: ['system:authenticated'] };
const bot: UserInfo = { name: 'system:serviceaccount:ci:bot', groups: ['system:authenticated'] };
const guest: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] };
const scheduler: UserInfo = { name: 'system:kube-scheduler', groups: [] };

describe("RBAC – roles and bindings of each scope – decide with upstream's reasons", () => {
  const { authorizer } = authorizationOf([...bootstrap, devRole, devBinding]);
  const asDev = 'RBAC: allowed by RoleBinding "devs/team" of Role "dev" to User "jane"';
  const byDefault = (name: string, group: string) =>
    `RBAC: allowed by ClusterRoleBinding "${name}" of ClusterRole "${name}" to Group "${group}"`;
  const asDiscovery = byDefault('system:discovery', 'system:authenticated');
  const asPublic = byDefault('system:public-info-viewer', 'system:unauthenticated');
  const table: [AuthorizationAttributes, string, string][] = [
    [ask(jane, 'list', '|pods', 'team/'), 'allow', asDev],
    [ask(jane, 'get', '|pods|log', 'team/p'), 'allow', asDev],
    [ask(jane, 'get', '|pods|exec', 'team/p'), 'noOpinion', ''],
    [ask(jane, 'list', '|pods', 'other/'), 'noOpinion', ''],
    [ask(jane, 'get', '|secrets', 'team/mine'), 'allow', asDev],
    [ask(jane, 'get', '|secrets', 'team/yours'), 'noOpinion', ''],
    [
      ask(bot, 'list', '|pods', 'team/'),
      'allow',
      'RBAC: allowed by RoleBinding "devs/team" of Role "dev" to ServiceAccount "bot/ci"',
    ],
    [ask(jane, 'get', '/api'), 'allow', asDiscovery],
    [ask(jane, 'get', '/apis/apps/v1'), 'allow', asDiscovery],
    [ask(guest, 'get', '/healthz'), 'allow', asPublic],
    [ask(guest, 'get', '/version'), 'allow', asPublic],
    [ask(guest, 'get', '/api'), 'noOpinion', ''],
    [ask(guest, 'get', '/metrics'), 'noOpinion', ''],
    [
      ask(scheduler, 'create', '|pods|binding', 'team/p'),
      'allow',
      'RBAC: allowed by ClusterRoleBinding "system:kube-scheduler" of ClusterRole "system:kube-scheduler" to User "system:kube-scheduler"',
    ],
    [ask(scheduler, 'create', '|pods', 'team/p'), 'noOpinion', ''],
  ];
  for (const [attributes, decision, reason] of table) {
    const { user, verb, path, resource, subresource, namespace, name } = attributes;
    test(`${user.name} ${verb} ${path || `${resource}/${subresource} ${namespace}/${name}`}`, async () => {
      assert.deepEqual(await authorizer.authorize(attributes), { decision, reason });
    });
  }
});

test('RBAC – a binding to a missing role – gives that reason; a changed binding counts at once', async () => {
  const objects: KubeObject[] = [devBinding];
  const { authorizer } = authorizationOf(objects);
  const question = ask(jane, 'list', '|pods', 'team/');
  const missing = 'RBAC: role.rbac.authorization.k8s.io "dev" not found';
  assert.deepEqual(await authorizer.authorize(question), { decision: 'noOpinion', reason: missing });
  objects.push(devRole);
  assert.equal((await authorizer.authorize(question)).decision, 'allow');
  objects.shift();
  assert.equal((await authorizer.authorize(question)).decision, 'noOpinion');
});

test('RBAC – bindings – are listed again when some have changed, not for each question', async () => {
  const objects: KubeObject[] = [devRole];
  const [reader, lists] = [listedObjects(objects), [] as string[]];
  let changes = 0;
  const counting: typeof reader = {
    ...reader,
    changes: () => changes,
    list(type, namespace) {
      lists.push(type.kind);
      return reader.list(type, namespace);
    },
  };
  const { authorizer } = defaultAuthorization(counting, podsIn(reader));
  const decision = async () => (await authorizer.authorize(ask(jane, 'list', '|pods', 'team/'))).decision;
  assert.equal(await decision(), 'noOpinion');
  assert.equal(await decision(), 'noOpinion');
  assert.deepEqual(lists, ['ClusterRoleBinding', 'RoleBinding']);
  objects.push(devBinding);
  changes++;
  assert.equal(await decision(), 'allow');
  assert.equal(await decision(), 'allow');
  assert.deepEqual(lists, ['ClusterRoleBinding', 'RoleBinding', 'ClusterRoleBinding', 'RoleBinding']);
});

/** RBAC and the node authorizer together, over the roles that every cluster begins with. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AnyObject, KubeObject } from '#api/meta/object.ts';
import type { UserInfo } from '#api/meta/user.ts';
import { storedPod } from '#testing/objects.ts';
import { bootstrapObjects } from '../bootstrap/objects.ts';
import type { AuthorizationAttributes } from '../contract/authorization.ts';
import type { ObjectReader } from '../contract/stored-objects.ts';
import { podsIn } from '../testing/pods-in.ts';
import { defaultAuthorization } from './authorizer.ts';

function readerOf(objects: readonly KubeObject[]): ObjectReader {
  const list = (kind: string, namespace?: string) =>
    objects.filter(
      (object) => object.kind === kind && (!namespace || object.metadata?.namespace === namespace),
    ) as AnyObject[];
  return {
    list: (type, namespace) => list(type.kind, namespace),
    get: (type, namespace, name) =>
      list(type.kind, namespace).find((object) => object.metadata?.name === name),
  };
}

function authorizationOf(objects: readonly KubeObject[]) {
  const reader = readerOf(objects);
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
const admin: UserInfo = { name: 'kubernetes-admin', groups: ['system:masters'] };
const scheduler: UserInfo = { name: 'system:kube-scheduler', groups: [] };
const kubelet: UserInfo = { name: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] };

/** `verb group/resource/subresource namespace/name`, or `verb /path`. */
function ask(user: UserInfo, verb: string, what: string, where = '/'): AuthorizationAttributes {
  const [namespace = '', name = ''] = where.split('/');
  const common = { user, verb, version: 'v1', namespace, name };
  if (what.startsWith('/')) {
    return { ...common, isResource: false, path: what, group: '', resource: '', subresource: '' };
  }
  const [group = '', resource = '', subresource = ''] = what.split('|');
  return { ...common, isResource: true, path: '', group, resource, subresource };
}

describe("RBAC – roles and bindings of each scope – decide with upstream's reasons", () => {
  const { authorizer } = authorizationOf([...bootstrap, devRole, devBinding]);
  const table: [AuthorizationAttributes, string, string?][] = [
    [
      ask(jane, 'list', '|pods', 'team/'),
      'allow',
      'RBAC: allowed by RoleBinding "devs/team" of Role "dev" to User "jane"',
    ],
    [ask(jane, 'get', '|pods|log', 'team/p'), 'allow'],
    [ask(jane, 'get', '|pods|exec', 'team/p'), 'noOpinion', ''],
    [ask(jane, 'list', '|pods', 'other/'), 'noOpinion'],
    [ask(jane, 'get', '|secrets', 'team/mine'), 'allow'],
    [ask(jane, 'get', '|secrets', 'team/yours'), 'noOpinion'],
    [
      ask(bot, 'list', '|pods', 'team/'),
      'allow',
      'RBAC: allowed by RoleBinding "devs/team" of Role "dev" to ServiceAccount "bot/ci"',
    ],
    [
      ask(jane, 'get', '/api'),
      'allow',
      'RBAC: allowed by ClusterRoleBinding "system:discovery" of ClusterRole "system:discovery" to Group "system:authenticated"',
    ],
    [ask(jane, 'get', '/apis/apps/v1'), 'allow'],
    [ask(guest, 'get', '/healthz'), 'allow'],
    [ask(guest, 'get', '/version'), 'allow'],
    [ask(guest, 'get', '/api'), 'noOpinion'],
    [ask(guest, 'get', '/metrics'), 'noOpinion'],
    [ask(admin, 'delete', '|namespaces', '/team'), 'allow', ''],
    [ask(scheduler, 'create', '|pods|binding', 'team/p'), 'allow'],
    [ask(scheduler, 'create', '|pods', 'team/p'), 'noOpinion'],
  ];
  for (const [attributes, decision, reason] of table) {
    const { user, verb, path, resource } = attributes;
    test(`${user.name} ${verb} ${path}${resource}`, async () => {
      const answer = await authorizer.authorize(attributes);
      assert.equal(answer.decision, decision);
      if (reason !== undefined) assert.equal(answer.reason, reason);
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

describe('the node authorizer – a kubelet – reads what its own pods refer to, and writes its own objects', () => {
  const pod = (name: string, nodeName: string, secretName: string) => ({
    kind: 'Pod',
    ...storedPod(name, {
      metadata: { namespace: 'team' },
      node: nodeName,
      spec: { serviceAccountName: 'runner', volumes: [{ name: 'v', secret: { secretName } }] },
    }),
  });
  const { authorizer } = authorizationOf([pod('a', 'n1', 'ours'), pod('b', 'n2', 'theirs')]);
  const table: [AuthorizationAttributes, string, string?][] = [
    [ask(kubelet, 'get', '|secrets', 'team/ours'), 'allow'],
    [ask(kubelet, 'watch', '|secrets', 'team/ours'), 'allow'],
    [
      ask(kubelet, 'get', '|secrets', 'team/theirs'),
      'noOpinion',
      "no relationship found between node 'n1' and this object",
    ],
    [ask(kubelet, 'list', '|secrets', 'team/'), 'noOpinion', 'No Object name found'],
    [ask(kubelet, 'create', '|serviceaccounts|token', 'team/runner'), 'allow'],
    [ask(kubelet, 'create', '|serviceaccounts|token', 'team/other'), 'noOpinion'],
    [ask(kubelet, 'update', 'coordination.k8s.io|leases', 'kube-node-lease/n1'), 'allow'],
    [ask(kubelet, 'update', 'coordination.k8s.io|leases', 'kube-node-lease/n2'), 'noOpinion'],
    [ask(kubelet, 'patch', '|nodes|status', '/n1'), 'allow'],
    [
      ask(kubelet, 'get', '|nodes', '/n2'),
      'noOpinion',
      "node 'n1' cannot read 'n2', only its own Node object",
    ],
    [ask(kubelet, 'patch', '|pods|status', 'team/a'), 'allow'],
    [ask(kubelet, 'delete', '|services', 'team/web'), 'noOpinion'],
  ];
  for (const [attributes, decision, reason] of table) {
    test(`${attributes.verb} ${attributes.resource} ${attributes.name}`, async () => {
      const answer = await authorizer.authorize(attributes);
      assert.equal(answer.decision, decision);
      if (reason !== undefined) assert.equal(answer.reason, reason);
    });
  }
});

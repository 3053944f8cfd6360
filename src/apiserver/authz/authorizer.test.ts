/** All authorizers in their order: the group of administrators, the node authorizer, RBAC. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { UserInfo } from '#api/meta/user.ts';
import { storedPod } from '#testing/objects.ts';
import type { AuthorizationAttributes } from '../contract/authorization.ts';
import { ask, listedObjects } from '../testing/authorization.ts';
import { podsIn } from '../testing/pods-in.ts';
import { defaultAuthorization } from './authorizer.ts';

const admin: UserInfo = { name: 'kubernetes-admin', groups: ['system:masters'] };
const kubelet: UserInfo = { name: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] };

test('a member of system:masters – anything – is allowed, and no reason is given', async () => {
  const reader = listedObjects([]);
  const { authorizer } = defaultAuthorization(reader, podsIn(reader));
  const question = ask(admin, 'delete', '|namespaces', '/team');
  assert.deepEqual(await authorizer.authorize(question), { decision: 'allow', reason: '' });
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
  const reader = listedObjects([pod('a', 'n1', 'ours'), pod('b', 'n2', 'theirs')]);
  const { authorizer } = defaultAuthorization(reader, podsIn(reader));
  const table: [AuthorizationAttributes, string, string][] = [
    [ask(kubelet, 'get', '|secrets', 'team/ours'), 'allow', ''],
    [ask(kubelet, 'watch', '|secrets', 'team/ours'), 'allow', ''],
    [
      ask(kubelet, 'get', '|secrets', 'team/theirs'),
      'noOpinion',
      "no relationship found between node 'n1' and this object",
    ],
    [ask(kubelet, 'list', '|secrets', 'team/'), 'noOpinion', 'No Object name found'],
    [ask(kubelet, 'create', '|serviceaccounts|token', 'team/runner'), 'allow', ''],
    [
      ask(kubelet, 'create', '|serviceaccounts|token', 'team/other'),
      'noOpinion',
      "no relationship found between node 'n1' and this object",
    ],
    [ask(kubelet, 'update', 'coordination.k8s.io|leases', 'kube-node-lease/n1'), 'allow', ''],
    [
      ask(kubelet, 'update', 'coordination.k8s.io|leases', 'kube-node-lease/n2'),
      'noOpinion',
      'can only access node lease with the same name as the requesting node',
    ],
    [ask(kubelet, 'patch', '|nodes|status', '/n1'), 'allow', ''],
    [
      ask(kubelet, 'get', '|nodes', '/n2'),
      'noOpinion',
      "node 'n1' cannot read 'n2', only its own Node object",
    ],
    [ask(kubelet, 'patch', '|pods|status', 'team/a'), 'allow', ''],
    [ask(kubelet, 'delete', '|services', 'team/web'), 'noOpinion', ''],
  ];
  for (const [attributes, decision, reason] of table) {
    const { verb, resource, subresource, namespace, name } = attributes;
    test(`${verb} ${resource} ${subresource} ${namespace}/${name}`, async () => {
      assert.deepEqual(await authorizer.authorize(attributes), { decision, reason });
    });
  }
});

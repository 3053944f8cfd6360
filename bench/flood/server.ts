/** The server of bench/flood/flood.ts: 500 pods, and two users who differ by their tokens. */

import { clusterRoleBindings, pods } from '#api/generated/kinds.gen.ts';
import { createPods, startChildServer } from '../child-server.ts';
import { answerLoopDelay } from './loop-delay.ts';

const podCount = 500;
const namespace = 'flood';

const users = ['flood', 'other'];
const groups = ['system:authenticated', 'floods'];
const tokens = new Map(users.map((name) => [name, { name, groups }]));
const { client, announce } = await startChildServer(namespace, tokens);
await client.create(clusterRoleBindings, {
  metadata: { name: 'floods' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
  subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'floods' }],
});
await createPods(client, namespace, podCount, (number) => `pod-${number}`);
answerLoopDelay();
const list = await client.list(pods, { namespace });
announce({ listBytes: JSON.stringify(list).length });

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  clusterRoles,
  deployments,
  limitRanges,
  namespaces,
  nodes,
  persistentVolumeClaims,
  pods,
  priorityClasses,
  serviceAccounts,
  storageClasses,
} from '#api/generated/kinds.gen.ts';
import type { Container, Deployment, LimitRangeItem, Pod, PodSpec } from '#api/generated/types.gen.ts';
import { StatusError } from '#api/meta/status.ts';
import { createDefaultAccount, startTestCluster } from '../testing/cluster.ts';

const container = (more: Partial<Container> = {}): Container => ({ name: 'c', image: 'busybox', ...more });
const pod = (name: string, spec: Partial<PodSpec> = {}, namespace = 'default'): Pod => ({
  metadata: { name, namespace },
  spec: { containers: [container()], ...spec },
});
const says = (code: number, message: string) => (error: unknown) => {
  assert(error instanceof StatusError);
  assert.equal(error.message, message);
  assert.equal(error.code, code);
  return true;
};

test('nothing is created in a namespace that is not there or is going', async (t) => {
  const { client } = await startTestCluster(t);
  await assert.rejects(
    client.create(pods, pod('p', {}, 'nowhere')),
    says(404, 'namespaces "nowhere" not found'),
  );
  await client.create(namespaces, { metadata: { name: 'going' }, spec: { finalizers: ['kubernetes'] } });
  await client.delete(namespaces, { name: 'going' });
  await assert.rejects(
    client.create(serviceAccounts, { metadata: { name: 'a', namespace: 'going' } }),
    (error) => {
      assert(error instanceof StatusError);
      assert.match(
        error.message,
        /unable to create new content in namespace going because it is being terminated$/,
      );
      assert.equal(error.status.details?.causes?.[0]?.reason, 'NamespaceTerminating');
      return error.code === 403;
    },
  );
  await assert.rejects(
    client.create(serviceAccounts, { metadata: { generateName: 'drawn-', namespace: 'going' } }),
    /^StatusError: serviceaccounts "drawn-" is forbidden: unable to create new content/,
  );
});

test('a limit range fills in what is missing and refuses what is outside', async (t) => {
  const { client } = await startTestCluster(t);
  await createDefaultAccount(client);
  const item: LimitRangeItem = {
    type: 'Container',
    defaultRequest: { cpu: '100m' },
    default: { cpu: '200m' },
    max: { cpu: '1' },
    min: { cpu: '50m' },
  };
  await client.create(limitRanges, {
    metadata: { name: 'l', namespace: 'default' },
    spec: { limits: [item] },
  });
  const filled = await client.create(pods, pod('filled'));
  assert.deepEqual(filled.spec?.containers[0]?.resources, {
    requests: { cpu: '100m' },
    limits: { cpu: '200m' },
  });
  assert.equal(
    filled.metadata.annotations?.['kubernetes.io/limit-ranger'],
    'LimitRanger plugin set: cpu request for container c; cpu limit for container c',
  );
  const big = container({ resources: { requests: { cpu: '1' }, limits: { cpu: '2' } } });
  await assert.rejects(
    client.create(pods, pod('big', { containers: [big] })),
    says(403, 'pods "big" is forbidden: maximum cpu usage per Container is 1, but limit is 2'),
  );
});

test('a priority class becomes a priority', async (t) => {
  const { client } = await startTestCluster(t);
  await createDefaultAccount(client);
  await client.create(priorityClasses, { metadata: { name: 'usual' }, value: 7, globalDefault: true });
  assert.equal((await client.create(pods, pod('a'))).spec?.priorityClassName, 'usual');
  const critical = await client.create(pods, pod('b', { priorityClassName: 'system-node-critical' }));
  assert.equal(critical.spec?.priority, 2000001000);
  await assert.rejects(
    client.create(pods, pod('c', { priorityClassName: 'none' })),
    says(403, 'pods "c" is forbidden: no PriorityClass with name none was found'),
  );
  await assert.rejects(
    client.create(priorityClasses, { metadata: { name: 'other' }, value: 1, globalDefault: true }),
    /PriorityClass usual is already marked as default\. Only one default can exist$/,
  );
});

test('a namespace can hold its pods to a security standard', async (t) => {
  const { client } = await startTestCluster(t);
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  await client.create(namespaces, { metadata: { name: 'strict', labels } });
  await createDefaultAccount(client, 'strict');
  await assert.rejects(
    client.create(pods, pod('loose', { hostNetwork: true }, 'strict')),
    says(
      403,
      'pods "loose" is forbidden: violates PodSecurity "restricted:latest": host namespaces (hostNetwork=true), ' +
        'allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), ' +
        'unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]), ' +
        'runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), ' +
        'seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
    ),
  );
  const securityContext = {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    runAsNonRoot: true,
    seccompProfile: { type: 'RuntimeDefault' },
  };
  await client.create(pods, pod('tight', { containers: [container({ securityContext })] }, 'strict'));
  // What makes pods is not refused: its pods will be.
  const deployment = {
    metadata: { name: 'd', namespace: 'strict' },
    spec: {
      selector: { matchLabels: { app: 'd' } },
      template: { metadata: { labels: { app: 'd' } }, spec: { containers: [container()] } },
    },
  } as Deployment;
  await client.create(deployments, deployment);
});

test('claims get the default storage class and a finalizer', async (t) => {
  const { client } = await startTestCluster(t);
  const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
  await client.create(storageClasses, {
    metadata: { name: 'fast', annotations },
    provisioner: 'example.org/x',
  });
  const claim = await client.create(persistentVolumeClaims, {
    metadata: { name: 'data', namespace: 'default' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  });
  assert.equal(claim.spec?.storageClassName, 'fast');
  assert.deepEqual(claim.metadata.finalizers, ['kubernetes.io/pvc-protection']);
});

test('a pod learns the zone of its node when it is bound', async (t) => {
  const { client } = await startTestCluster(t);
  await createDefaultAccount(client);
  await client.create(nodes, { metadata: { name: 'n1', labels: { 'topology.kubernetes.io/zone': 'z1' } } });
  await client.create(pods, pod('p'));
  const key = { namespace: 'default', name: 'p' };
  const binding = { kind: 'Binding', metadata: { name: 'p' }, target: { kind: 'Node', name: 'n1' } };
  await client.createSubresource(pods, key, 'binding', binding);
  assert.equal((await client.get(pods, key)).metadata.labels?.['topology.kubernetes.io/zone'], 'z1');
});

test('the owner of a role may change its labels even when he does not hold its rules', async (t) => {
  const { client, as } = await startTestCluster(t);
  const editor = as('edith');
  await client.create(clusterRoles, {
    metadata: { name: 'role-editor' },
    rules: [
      { verbs: ['get', 'update'], apiGroups: ['rbac.authorization.k8s.io'], resources: ['clusterroles'] },
    ],
  });
  await client.raw('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    metadata: { name: 'role-editor' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'role-editor' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'edith' }],
  });
  const role = await editor.get(clusterRoles, { name: 'system:node' });
  await editor.update(clusterRoles, { ...role, metadata: { ...role.metadata, labels: { mine: 'yes' } } });
  const widened = { ...role, rules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }] };
  await assert.rejects(editor.update(clusterRoles, widened), /not currently held|has been modified/);
});

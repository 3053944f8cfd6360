/** A whole server as a cluster has it: what every new cluster holds, and who may do what over real TLS. */

import assert from 'node:assert/strict';
import { request as httpsRequest } from 'node:https';
import { test } from 'node:test';
import { connect } from 'node:tls';
import {
  clusterRoles,
  namespaces,
  nodes,
  pods,
  roleBindings,
  roles,
  serviceAccounts,
  services,
} from '#api/generated/kinds.gen.ts';
import type { TokenRequest } from '#api/generated/types.gen.ts';
import { type Status, StatusError } from '#api/meta/status.ts';
import { systemEnv } from '#host/system-env.ts';
import type { KeyPair } from '#pki/certificate.ts';
import { newService } from '#testing/objects/services.ts';
import { newPod } from '#testing/objects.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown> & Status;
}

/** One request over a real TLS connection. */
function https(
  url: string,
  path: string,
  options: { ca: string; pair?: KeyPair; token?: string; method?: string; body?: unknown },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    if (options.token) headers['authorization'] = `Bearer ${options.token}`;
    const request = httpsRequest(
      `${url}${path}`,
      {
        method: options.method ?? 'GET',
        ca: options.ca,
        headers,
        agent: false,
        ...(options.pair ? { cert: options.pair.certPem, key: options.pair.keyPem } : {}),
      },
      async (response) => {
        const chunks: Uint8Array[] = [];
        for await (const chunk of response) chunks.push(chunk as Uint8Array);
        const text = Buffer.concat(chunks).toString();
        const isJson = response.headers['content-type']?.includes('json');
        resolve({ status: response.statusCode!, body: isJson ? JSON.parse(text) : { message: text } });
      },
    );
    request.once('error', reject);
    request.end(options.body === undefined ? undefined : JSON.stringify(options.body));
  });
}

test('a new cluster – started – has its namespaces, roles, priority classes and the kubernetes service', async () => {
  await using api = await startTestServer({ setup: 'kubernetes' });
  const { client } = api;
  const names = (await client.list(namespaces)).items.map((namespace) => namespace.metadata.name).sort();
  assert.deepEqual(names, ['default', 'kube-node-lease', 'kube-public', 'kube-system']);
  const kubernetes = await client.get(services, { namespace: 'default', name: 'kubernetes' });
  assert.equal(kubernetes.spec?.clusterIP, '10.96.0.1');
  assert.ok((await client.list(clusterRoles)).items.length > 60);
  await assert.rejects(client.delete(namespaces, { name: 'kube-system' }), (error) => {
    assert(error instanceof StatusError);
    assert.equal(error.message, 'namespaces "kube-system" is forbidden: this namespace may not be deleted');
    return true;
  });
});

test('callers over TLS – by certificate, by token, anonymous – get what RBAC grants them', async () => {
  await using api = await startTestServer({ setup: 'kubernetes', https: true });
  const { pki, client } = api;
  const url = api.url;
  const ca = pki.ca.certPem;
  assert.equal((await https(url, '/api/v1/nodes', { ca, pair: pki.admin() })).status, 200);
  assert.equal((await https(url, '/healthz', { ca })).status, 200);
  assert.equal((await https(url, '/version', { ca })).status, 200);
  const anonymous = await https(url, '/api/v1/pods', { ca });
  assert.equal(anonymous.status, 403);
  assert.equal(
    anonymous.body.message,
    'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" at the cluster scope',
  );
  assert.equal((await https(url, '/api', { ca, token: 'unknown' })).status, 401);

  await client.create(serviceAccounts, { metadata: { name: 'bot', namespace: 'default' } });
  const issued = await client.createSubresource<TokenRequest>(
    serviceAccounts,
    { namespace: 'default', name: 'bot' },
    'token',
    { spec: { expirationSeconds: 600 } } as TokenRequest,
  );
  const token = issued.status!.token!;
  const review = await https(url, '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
    ca,
    token,
    method: 'POST',
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
  });
  assert.equal(review.status, 201);
  const { userInfo } = review.body['status'] as unknown as {
    userInfo: { username: string; groups: string[] };
  };
  assert.equal(userInfo.username, 'system:serviceaccount:default:bot');
  assert.ok(userInfo.groups.includes('system:serviceaccounts:default'));
  const pairs = ['/api/v1/namespaces/default/pods', '/.well-known/openid-configuration'] as const;
  assert.equal((await https(url, pairs[0], { ca, token })).status, 403);
  assert.equal((await https(url, pairs[1], { ca, token })).status, 200);
  await client.delete(serviceAccounts, { namespace: 'default', name: 'bot' });
  assert.equal((await https(url, pairs[1], { ca, token })).status, 401);
});

test('a pod – created and bound – gets account, token volume, priority and tolerations, and is bound once', async () => {
  await using api = await startTestServer({ setup: 'kubernetes', env: systemEnv() });
  const { client } = api;
  await assert.rejects(
    client.create(pods, newPod('lost', { serviceAccountName: 'absent' })),
    /error looking up service account default\/absent: serviceaccount "absent" not found/,
  );
  // Made before its account, as in a new namespace: it waits for it.
  const early = client.create(pods, newPod('web'));
  await client.create(serviceAccounts, { metadata: { name: 'default', namespace: 'default' } });
  const { spec } = await early;
  assert.equal(spec?.serviceAccountName, 'default');
  assert.equal(spec?.priority, 0);
  assert.equal(spec?.preemptionPolicy, 'PreemptLowerPriority');
  assert.equal(spec?.tolerations?.length, 2);
  const volume = spec?.volumes?.[0];
  assert.match(volume?.name ?? '', /^kube-api-access-[a-z0-9]{5}$/);
  assert.equal(volume?.projected?.sources?.[0]?.serviceAccountToken?.expirationSeconds, 3607);
  assert.equal(
    spec?.containers[0]?.volumeMounts?.[0]?.mountPath,
    '/var/run/secrets/kubernetes.io/serviceaccount',
  );

  const key = { namespace: 'default', name: 'web' };
  const binding = { kind: 'Binding', metadata: { name: 'web' }, target: { kind: 'Node', name: 'n1' } };
  await client.createSubresource(pods, key, 'binding', binding);
  const bound = await client.get(pods, key);
  assert.equal(bound.spec?.nodeName, 'n1');
  assert.equal(
    bound.status?.conditions?.find((condition) => condition.type === 'PodScheduled')?.status,
    'True',
  );
  await assert.rejects(client.createSubresource(pods, key, 'binding', binding), (error) => {
    assert(error instanceof StatusError);
    assert.equal(
      error.message,
      'Operation cannot be fulfilled on pods/binding "web": pod web is already assigned to node "n1"',
    );
    return error.code === 409;
  });
});

test('service addresses – of services that come and go, over a restart – are allocated, rejected when in use, and released', async () => {
  await using api = await startTestServer({ setup: 'kubernetes' });
  const { client, server } = api;
  const service = (name: string, clusterIP?: string) =>
    newService(name, { ports: [{ port: 80 }], ...(clusterIP ? { clusterIP } : {}) });
  const web = await client.create(services, service('web'));
  const taken = web.spec!.clusterIP!;
  await assert.rejects(client.create(services, service('again', taken)), /provided IP is already allocated/);
  await server.stop();
  await using second = await api.another();
  const later = second.client;
  await assert.rejects(later.create(services, service('again', taken)), /provided IP is already allocated/);
  await later.delete(services, { namespace: 'default', name: 'web' });
  const again = await later.create(services, service('again', taken));
  assert.equal(again.spec?.clusterIP, taken);
});

test('a role – granted by a user who does not hold its rules – is rejected', async () => {
  await using api = await startTestServer({ setup: 'kubernetes' });
  const { client, as } = api;
  const jane = as('jane');
  await client.create(roles, {
    metadata: { name: 'rbac', namespace: 'default' },
    rules: [{ verbs: ['create'], apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles'] }],
  });
  await client.create(roleBindings, {
    metadata: { name: 'rbac', namespace: 'default' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'rbac' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'jane' }],
  });
  const role = {
    metadata: { name: 'more', namespace: 'default' },
    rules: [{ verbs: ['get'], apiGroups: [''], resources: ['secrets'] }],
  };
  await assert.rejects(jane.create(roles, role), /attempting to grant RBAC permissions not currently held/);
});

test('a kubelet – writing nodes – may write its own only', async () => {
  await using api = await startTestServer({ setup: 'kubernetes' });
  const { as } = api;
  const kubelet = as('system:node:n1', 'system:nodes');
  const node = await kubelet.create(nodes, {
    metadata: { name: 'n1', labels: { 'kubernetes.io/hostname': 'n1' } },
  });
  assert.deepEqual(node.spec?.taints, [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }]);
  await assert.rejects(
    kubelet.create(nodes, { metadata: { name: 'n2' } }),
    /is not allowed to modify node "n2"/,
  );
  const labels = { ...node.metadata.labels, 'node-restriction.kubernetes.io/team': 'x' };
  await assert.rejects(
    kubelet.update(nodes, { ...node, metadata: { ...node.metadata, labels } }),
    /node "n1" is not allowed to modify the following labels: node-restriction\.kubernetes\.io\/team/,
  );
});

test('a serving certificate – renewed – is presented, also after a renewal that failed', async () => {
  const clock = new VirtualClock();
  await using api = await startTestServer({ setup: 'kubernetes', env: { clock } });
  const { pki } = api;
  const renewed = pki.leaf('renewed', { commonName: 'renewed', usages: ['serverAuth'] });
  let renewals = 0;
  const renewedServer = () => {
    if (++renewals === 1) throw new Error('no space left on the disk');
    return renewed;
  };
  await using renewing = await api.another({ https: true, pki: { ...pki, renewedServer } });
  const shown = () =>
    new Promise<unknown>((resolve, reject) => {
      const port = Number(new URL(renewing.url).port);
      const socket = connect({
        host: '127.0.0.1',
        port,
        ca: pki.ca.certPem,
        checkServerIdentity: () => undefined,
      });
      socket.once('error', reject);
      socket.once('secureConnect', () => {
        resolve(socket.getPeerCertificate().subject.CN);
        socket.destroy();
      });
    });
  const halfDayMs = 12 * 3600 * 1000;
  await clock.advance(halfDayMs);
  assert.deepEqual([renewals, await shown()], [1, 'kube-apiserver']);
  await clock.advance(halfDayMs);
  assert.deepEqual([renewals, await shown()], [2, 'renewed']);
});

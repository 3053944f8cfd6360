/** The kubelet's own door: who may come in, and what is seen there. */

import assert from 'node:assert/strict';
import { request } from 'node:https';
import { after, before, test } from 'node:test';
import { clusterRoleBindings, clusterRoles, serviceAccounts } from '#api/generated/kinds.gen.ts';
import type { TokenRequest } from '#api/generated/types.gen.ts';
import { nodeName, RealKubelet, shell } from '../../support/real-kubelet.ts';

const node = new RealKubelet();

before(async () => {
  await node.start();
  await node.create('web', { containers: [shell('echo hello; sleep 1000')] });
  await node.untilLogged('web', 'hello');
});
after(() => node.stop());

type Who = { certPem: string; keyPem: string } | string | undefined;

function get(path: string, who: Who): Promise<{ code: number; text: string }> {
  const identity =
    typeof who === 'string'
      ? { headers: { authorization: `Bearer ${who}` } }
      : who
        ? { cert: who.certPem, key: who.keyPem }
        : {};
  const { port } = node.kubelet;
  const ca = node.plane.pki.ca.certPem;
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, ca, agent: false, ...identity }, (answer) => {
      let text = '';
      answer.on('data', (chunk) => {
        text += chunk;
      });
      answer.on('end', () => resolve({ code: answer.statusCode ?? 0, text }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

async function tokenOf(name: string): Promise<string> {
  const namespace = 'kube-system';
  await node.client.create(serviceAccounts, { metadata: { name, namespace } });
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { audiences: [] } };
  const { status } = await node.client.createSubresource<TokenRequest>(
    serviceAccounts,
    { namespace, name },
    'token',
    body as TokenRequest,
  );
  return status?.token ?? '';
}

test('the kubelet server – without credentials, with some – is closed, is open as far as RBAC allows', async (t) => {
  const { pki } = node.plane;
  for (const path of ['/pods', '/healthz', '/metrics', '/containerLogs/e2e/web/main']) {
    await t.test(path, async () => {
      assert.deepEqual(await get(path, undefined), { code: 401, text: 'Unauthorized' });
    });
  }
  assert.equal((await get('/pods', 'rubbish')).code, 401);
  assert.deepEqual(await get('/pods', pki.node('other')), {
    code: 403,
    text: 'Forbidden (user=system:node:other, verb=get, resource=nodes, subresource(s)=[pods proxy])\n',
  });
  const token = await tokenOf('scraper');
  assert.equal((await get('/metrics', token)).code, 403);
  await node.client.create(clusterRoles, {
    metadata: { name: 'scraper' },
    rules: [{ apiGroups: [''], resources: ['nodes/stats', 'nodes/pods'], verbs: ['get'] }],
  });
  await node.client.create(clusterRoleBindings, {
    metadata: { name: 'scraper' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'scraper' },
    subjects: [{ kind: 'ServiceAccount', name: 'scraper', namespace: 'kube-system' }],
  });
  const summary = await get('/stats/summary', token);
  assert.equal(summary.code, 200, summary.text);
  const pods = await get('/pods', token);
  assert.equal(JSON.parse(pods.text).items[0].metadata.name, 'web');
  assert.equal((await get('/containerLogs/e2e/web/main', token)).code, 403);
  assert.equal((await get('/containerLogs/e2e/web/main', pki.kubeletClient)).text, 'hello\n');
  assert.equal((await get('/healthz', pki.kubeletClient)).text, 'ok');
});

test('/stats/summary – of a node – has stats of the node, its pods and containers', async () => {
  const { kubeletClient } = node.plane.pki;
  const summary = JSON.parse((await get('/stats/summary', kubeletClient)).text);
  assert.equal(summary.node.nodeName, nodeName);
  assert.ok(summary.node.cpu.usageCoreNanoSeconds > 1e9);
  assert.ok(summary.node.memory.workingSetBytes > 2 ** 24);
  const [pod] = summary.pods;
  assert.equal(pod.podRef.name, 'web');
  assert.ok(pod.containers[0].memory.workingSetBytes > 0);
  const metrics = (await get('/metrics/resource', kubeletClient)).text;
  assert.match(
    metrics,
    /^container_memory_working_set_bytes\{container="main",namespace="e2e",pod="web"\} [1-9]\d* \d+$/m,
  );
  assert.match(metrics, /^node_cpu_usage_seconds_total [\d.]+ \d+$/m);
  assert.match((await get('/metrics', kubeletClient)).text, /^kubelet_running_containers\{.*\} 1$/m);
  assert.equal((await get('/nothing', kubeletClient)).code, 404);
});

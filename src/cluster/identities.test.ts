/**
 * A whole cluster in which every component reads and writes under its own identity, over caches and watches
 * of its own.
 */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { parse } from 'yaml';
import { configMaps, deployments, pods, secrets, subjectAccessReviews } from '#api/generated/kinds.gen.ts';
import type { Log } from '#base/log.ts';
import { bodyText } from '#client/transport/body.ts';
import { httpsTransport } from '#client/transport/https.ts';
import { systemEnv } from '#host/system-env.ts';
import { eventually } from '#testing/client-suite.ts';
import { type Cluster, startCluster } from './cluster.ts';

const namespace = 'default';

/** All 403 responses, by their log messages. */
async function start(t: TestContext, separateReaders: boolean) {
  const refusals: string[] = [];
  const note = (message: string, fields?: Record<string, unknown>) => {
    const text = `${message} ${JSON.stringify(fields ?? {})}`;
    if (/forbidden/i.test(text)) refusals.push(text);
  };
  const log: Log = { debug: note, info: note, warn: note, error: note, child: () => log };
  const env = systemEnv(log);
  const cluster = await startCluster({ env, simulatedNodes: 2, separateReaders });
  t.after(() => cluster.stop());
  return { env, cluster, refusals };
}

for (const separateReaders of [true, false]) {
  const how = separateReaders ? 'an informer set for each identity' : 'shared caches';
  test(`a whole cluster with ${how} – runs a Deployment, and nothing is forbidden`, async (t) => {
    const { env, cluster, refusals } = await start(t, separateReaders);
    const { client } = cluster;
    await client.create(secrets, { metadata: { name: 'own', namespace }, stringData: { key: 'value' } });
    await client.create(configMaps, { metadata: { name: 'settings', namespace }, data: { key: 'value' } });
    const labels = { app: 'web' };
    const volumes = [
      { name: 'own', secret: { secretName: 'own' } },
      { name: 'settings', configMap: { name: 'settings' } },
    ];
    await client.create(deployments, {
      metadata: { name: 'web', namespace },
      spec: {
        replicas: 3,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'x' }], volumes } },
      },
    });
    await eventually(env, 'three running pods', async () => {
      const { items } = await client.list(pods, { namespace, labelSelector: 'app=web' });
      return items.filter(({ status }) => status?.phase === 'Running').length === 3 || undefined;
    });
    await client.delete(deployments, { namespace, name: 'web' });
    await eventually(env, 'no pods', async () => {
      return (await client.list(pods, { namespace })).items.length === 0 || undefined;
    });
    assert.deepEqual(refusals, []);
    assert.deepEqual(await forbidden(cluster), []);
  });
}

/** The API server's own metric of 403 responses. */
async function forbidden({ kubeconfig }: Cluster): Promise<string[]> {
  const { clusters, users } = parse(kubeconfig);
  const pem = (text: string) => Buffer.from(text, 'base64').toString();
  const { server, 'certificate-authority-data': ca } = clusters[0].cluster;
  const { 'client-certificate-data': cert, 'client-key-data': key } = users[0].user;
  const transport = httpsTransport({ server, ca: pem(ca), cert: pem(cert), key: pem(key) });
  const answer = await transport.request({ method: 'GET', path: '/metrics', headers: {} });
  const lines = (await bodyText(answer)).split('\n');
  await transport.close();
  assert.ok(lines.some((line) => line.startsWith('apiserver_request_total') && line.includes('code="200"')));
  return lines.filter((line) => line.startsWith('apiserver_request_total') && line.includes('code="403"'));
}

test('a node – reads secrets of its own pods, and no other', async (t) => {
  const { cluster } = await start(t, true);
  const { client } = cluster;
  for (const name of ['own', 'other']) {
    await client.create(secrets, { metadata: { name, namespace }, stringData: { key: 'value' } });
  }
  await client.create(pods, {
    metadata: { name: 'web', namespace },
    spec: {
      nodeName: 'simulated-0',
      containers: [{ name: 'c', image: 'x' }],
      volumes: [{ name: 'own', secret: { secretName: 'own' } }],
    },
  });
  const may = async (node: string, verb: string, name?: string) => {
    const { status } = await client.create(subjectAccessReviews, {
      spec: {
        user: `system:node:${node}`,
        groups: ['system:nodes', 'system:authenticated'],
        resourceAttributes: {
          verb,
          version: 'v1',
          resource: 'secrets',
          namespace,
          ...(name ? { name } : {}),
        },
      },
    });
    return status?.allowed;
  };
  assert.equal(await may('simulated-0', 'get', 'own'), true);
  assert.equal(await may('simulated-0', 'watch', 'own'), true);
  const refused: [string, string, string?][] = [
    ['simulated-0', 'get', 'other'],
    ['simulated-1', 'get', 'own'],
    ['simulated-0', 'list'],
    ['simulated-0', 'watch'],
  ];
  for (const [node, verb, name] of refused) {
    await t.test(`${node} ${verb} ${name ?? ''}`, async () => {
      assert.equal(await may(node, verb, name), false);
    });
  }
});

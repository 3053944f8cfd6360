/** Extenders as programs of their own: a scheduler, an API server, and real servers of HTTP and HTTPS. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { readSchedulerConfiguration } from '#api/configuration/scheduler/scheduler-configuration.ts';
import { namespaces, pods } from '#api/generated/kinds.gen.ts';
import { createInformers } from '#client/informers/informers.ts';
import { systemEnv } from '#host/system-env.ts';
import { startScheduler } from '#scheduler/scheduler.ts';
import { eventually } from '#testing/client-suite.ts';
import { ScheduledCluster } from '#testing/scheduled-cluster.ts';
import { startTestExtender } from '#testing/server/extender-server.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { startTestWebhook } from '#testing/server/webhook-server.ts';
import type { JsonObject } from '#wire/json/value.ts';
import { checkExtenderTls, ExtenderClient } from './extender-client.ts';

const namespace = 'default';
const names = (asked: JsonObject) => asked['NodeNames'] as string[];
const readFile = (path: string): string => {
  throw new Error(`${path} is not there`);
};

async function withExtenders(
  extenders: JsonObject[],
  body: (cluster: ScheduledCluster) => Promise<void>,
): Promise<void> {
  const { clock } = systemEnv();
  await using api = await startTestServer({ env: { clock } });
  const { env, client } = api;
  const informers = createInformers(client, env);
  await client.create(namespaces, { metadata: { name: namespace } });
  const caller = new ExtenderClient({ clock, readFile });
  const configuration = readSchedulerConfiguration({ extenders, podInitialBackoffSeconds: 1 });
  const scheduler = startScheduler({ env, client, informers, configuration, postToExtender: caller.post });
  try {
    await body(new ScheduledCluster(env, client));
  } finally {
    scheduler.stop();
    informers.stop();
    await caller.close();
  }
}

async function makeNodes(cluster: ScheduledCluster): Promise<void> {
  for (const name of ['a', 'b', 'c']) await cluster.node({ name, cpu: '2' });
}

test('filter and prioritize – over HTTP – choose the node', async () => {
  await using extender = await startTestExtender({
    filter: (asked) => ({ NodeNames: names(asked).filter((name) => name !== 'a') }),
    prioritize: (asked) => names(asked).map((Host) => ({ Host, Score: Host === 'c' ? 10 : 0 })),
  });
  const verbs = { filterVerb: 'filter', prioritizeVerb: 'prioritize', weight: 5, nodeCacheCapable: true };
  await withExtenders([{ urlPrefix: extender.url, ...verbs }], async (cluster) => {
    await makeNodes(cluster);
    await cluster.pod({ name: 'one', cpu: '1' });
    assert.equal(await cluster.bound('one'), 'c');
    assert.deepEqual(extender.asked, ['filter', 'prioritize']);
  });
});

test('bind – an extender binds the pod, its error is reported as upstream', async () => {
  await using api = await startTestExtender({ bind: () => ({ Error: 'the port is closed' }) });
  await withExtenders([{ urlPrefix: api.url, bindVerb: 'bind' }], async (cluster) => {
    await makeNodes(cluster);
    await cluster.pod({ name: 'one' });
    assert.equal(
      await cluster.event('one', 'FailedScheduling'),
      'Warning default-scheduler: the port is closed',
    );
  });
});

test('bind – only pods with the managed resource – go to the extender', async () => {
  const bound: unknown[] = [];
  await using extender = await startTestExtender({ bind: (asked) => [bound.push(asked['PodName']), {}][1] });
  const managedResources = [{ name: 'example.com/gpu', ignoredByScheduler: true }];
  const section = { urlPrefix: extender.url, bindVerb: 'bind', managedResources };
  await withExtenders([section], async (cluster) => {
    await makeNodes(cluster);
    await cluster.pod({ name: 'gpu', requests: { 'example.com/gpu': '8' } });
    await cluster.pod({ name: 'plain' });
    await cluster.bound('plain');
    await eventually(cluster.env, 'the binding', () => bound.length > 0 || undefined);
    assert.deepEqual(bound, ['gpu']);
  });
});

test('preempt – an extender chooses among the candidates', async () => {
  await using extender = await startTestExtender({
    preempt: (asked) => {
      const { b } = asked['NodeNameToMetaVictims'] as JsonObject;
      return { NodeNameToMetaVictims: { b } };
    },
  });
  const section = { urlPrefix: extender.url, preemptVerb: 'preempt', nodeCacheCapable: true };
  await withExtenders([section], async (cluster) => {
    await makeNodes(cluster);
    for (const name of ['low-1', 'low-2', 'low-3']) {
      await cluster.pod({ name, cpu: '2' }, { terminationGracePeriodSeconds: 0 });
      await cluster.bound(name);
    }
    await cluster.pod({ name: 'urgent', cpu: '2', priority: 10 });
    assert.equal(await cluster.bound('urgent'), 'b');
  });
});

test('an extender that never answers – fails its pods after its time, and lets others through between them', async () => {
  await using extender = await startTestExtender({ filter: () => undefined });
  const managedResources = [{ name: 'example.com/gpu', ignoredByScheduler: true }];
  const section = { urlPrefix: extender.url, filterVerb: 'filter', httpTimeout: '200ms', managedResources };
  await withExtenders([section], async (cluster) => {
    await makeNodes(cluster);
    await cluster.pod({ name: 'gpu', requests: { 'example.com/gpu': '1' } });
    await cluster.pod({ name: 'plain' });
    await cluster.bound('plain');
    assert.equal(
      await cluster.event('gpu', 'FailedScheduling'),
      `Warning default-scheduler: Post "${extender.url}/filter": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
    );
  });
});

test('an ignorable extender that is not there – is passed over', async () => {
  const section = { urlPrefix: 'http://127.0.0.1:9', filterVerb: 'filter', ignorable: true };
  await withExtenders([section], async (cluster) => {
    await makeNodes(cluster);
    await cluster.pod({ name: 'one' });
    await cluster.bound('one');
  });
});

test('a pod that is deleted, one that is bound by another scheduler, while an extender is waited for – are let go', async () => {
  const waiting: (() => void)[] = [];
  await using extender = await startTestExtender({
    filter: (asked, response) => {
      waiting.push(() => response.end(JSON.stringify({ NodeNames: names(asked) })));
      return undefined;
    },
  });
  const section = { urlPrefix: extender.url, filterVerb: 'filter', nodeCacheCapable: true };
  await withExtenders([section], async (cluster) => {
    await makeNodes(cluster);
    const { env, client } = cluster;
    const waits = () => eventually(env, 'a question', () => waiting.length > 0 || undefined);
    const answer = () => waiting.shift()?.();
    await cluster.pod({ name: 'gone' });
    await waits();
    await client.delete(pods, { namespace, name: 'gone' }, { gracePeriodSeconds: 0 });
    answer();
    await cluster.pod({ name: 'taken' });
    await waits();
    const target = { kind: 'Node', name: 'b' };
    const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'taken' }, target };
    await client.createSubresource(pods, { namespace, name: 'taken' }, 'binding', binding as never);
    answer();
    await cluster.pod({ name: 'next' });
    await waits();
    answer();
    await cluster.bound('next');
    assert.equal((await cluster.get('taken')).spec?.nodeName, 'b');
  });
});

test('an endless answer – is cut off a megabyte beyond what was sent', async () => {
  await using extender = await startTestExtender({
    filter: (_asked, response) => {
      const more = () => {
        while (response.write(Buffer.alloc(1024 * 1024, 'x')));
        response.once('drain', more);
      };
      more();
    },
  });
  const caller = new ExtenderClient({ clock: systemEnv().clock, readFile });
  const [settings] = readSchedulerConfiguration({ extenders: [{ urlPrefix: extender.url }] }).extenders;
  await assert.rejects(caller.post(settings!, `${extender.url}/filter`, '{}'), {
    message: 'the answer is larger than 1048578 bytes',
  });
  await caller.close();
});

const base64 = (pem: string) => Buffer.from(pem).toString('base64');

test('HTTPS – the authority is known, unknown, or not asked for', async () => {
  await using server = await startTestWebhook(() => ({}));
  const asked = async (fields: JsonObject) => {
    const caller = new ExtenderClient({ clock: systemEnv().clock, readFile });
    const extenders = [{ urlPrefix: server.url, ...fields }];
    const [settings] = readSchedulerConfiguration({ extenders }).extenders;
    try {
      return (await caller.post(settings!, `${server.url}/filter`, '{}')).status;
    } catch (error) {
      return (error as Error).message;
    } finally {
      await caller.close();
    }
  };
  const caData = base64(server.caPem);
  assert.equal(await asked({ enableHTTPS: true, tlsConfig: { caData } }), 200);
  assert.equal(await asked({ enableHTTPS: true }), 200);
  assert.equal(await asked({ tlsConfig: { insecure: true } }), 200);
  assert.match(String(await asked({})), /^Post ".*": tls: .*certificate signed by unknown authority$/);
  const other = { enableHTTPS: true, tlsConfig: { caData, serverName: 'other' } };
  assert.match(
    String(await asked(other)),
    /x509: certificate is not valid for any names, but wanted to match other$/,
  );
});

const wrongTls: [JsonObject, RegExp][] = [
  [
    { caData: base64('x'), insecure: true },
    /specifying a root certificates file with the insecure flag is not allowed/,
  ],
  [{ certData: base64('x') }, /a client certificate and its key are given together/],
  [{ caFile: '/nowhere/ca.pem' }, /\/nowhere\/ca\.pem is not there/],
];

for (const [tlsConfig, message] of wrongTls) {
  test(`TLS settings – ${Object.keys(tlsConfig).join()} – are refused before the cluster starts`, () => {
    const extenders = [{ urlPrefix: 'https://127.0.0.1', tlsConfig }];
    const [settings] = readSchedulerConfiguration({ extenders }).extenders;
    assert.throws(() => checkExtenderTls(settings!, readFile), message);
  });
}

import assert from 'node:assert/strict';
import { request } from 'node:https';
import { test } from 'node:test';
import { flowSchemas, priorityLevelConfigurations } from '#api/generated/kinds.gen.ts';
import { conditionOf } from '#api/meta/conditions.ts';
import { bodyText } from '#client/transport/body.ts';
import { eventually } from '#testing/client-suite.ts';
import { startTestServer, type TestServer } from '#testing/server/test-server.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';

const autoUpdate = 'apf.kubernetes.io/autoupdate-spec';
const minuteMs = 60_000;

async function start() {
  const clock = new VirtualClock();
  const server = await startTestServer({ setup: 'kubernetes', env: { clock } });
  const level = (name: string) => server.client.get(priorityLevelConfigurations, { name });
  return { clock, server, level };
}

test('a new cluster – its flow schemas and levels – are those of upstream, and every schema finds its level', async () => {
  const { server } = await start();
  await using _ = server;
  const levels = await server.client.list(priorityLevelConfigurations);
  assert.deepEqual(
    levels.items.map(({ metadata }) => metadata.name),
    [
      'catch-all',
      'exempt',
      'global-default',
      'leader-election',
      'node-high',
      'system',
      'workload-high',
      'workload-low',
    ],
  );
  const dangling = await eventually(server.env, 'the conditions', async () => {
    const { items } = await server.client.list(flowSchemas);
    const found = items.map(({ status }) => conditionOf(status, 'Dangling'));
    return items.length === 11 && found.every(Boolean) ? found : undefined;
  });
  assert.deepEqual(
    new Set(dangling.map((condition) => `${condition!.status} ${condition!.reason}`)),
    new Set(['False Found']),
  );
});

test('a schema without its level – stored – is dangling, until the level comes', async () => {
  const { server } = await start();
  await using _ = server;
  const rules = [
    {
      subjects: [{ kind: 'User', user: { name: 'x' } }],
      nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/x'] }],
    },
  ];
  await server.client.create(flowSchemas, {
    metadata: { name: 'x' },
    spec: { priorityLevelConfiguration: { name: 'missing' }, rules },
  });
  const said = (status: string) =>
    eventually(server.env, `Dangling ${status}`, async () => {
      const schema = await server.client.get(flowSchemas, { name: 'x' });
      const condition = conditionOf(schema.status, 'Dangling');
      return condition?.status === status ? { condition, schema } : undefined;
    });
  const { condition, schema } = await said('True');
  assert.equal(
    condition.message,
    'This FlowSchema references the PriorityLevelConfiguration object named "missing" but there is no such object',
  );
  assert.deepEqual(
    schema.metadata.managedFields
      ?.filter(({ subresource }) => subresource === 'status')
      .map((entry) => entry.manager),
    ['api-priority-and-fairness-config-consumer-v1'],
  );
  await server.client.create(priorityLevelConfigurations, {
    metadata: { name: 'missing' },
    spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } },
  });
  await said('False');
});

test('objects of every cluster – changed, deleted, left over – are as they must be a minute later', async () => {
  const { clock, server, level } = await start();
  await using _ = server;
  const change = async (name: string, annotation: string, shares: number) => {
    const found = await level(name);
    found.metadata.annotations = { [autoUpdate]: annotation };
    found.spec!.limited!.nominalConcurrencyShares = shares;
    await server.client.update(priorityLevelConfigurations, found);
  };
  await change('system', 'true', 7);
  await change('workload-low', 'false', 7);
  await server.client.delete(priorityLevelConfigurations, { name: 'node-high' });
  await server.client.create(priorityLevelConfigurations, {
    metadata: { name: 'of-old', annotations: { [autoUpdate]: 'true' } },
    spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } },
  });
  await clock.advance(minuteMs);
  const shares = async (name: string) => (await level(name)).spec!.limited!.nominalConcurrencyShares;
  assert.deepEqual(
    [await shares('system'), await shares('workload-low'), await shares('node-high')],
    [30, 7, 40],
  );
  await assert.rejects(level('of-old'), { reason: 'NotFound' });
});

async function read(server: TestServer, path: string) {
  return bodyText(await server.transport.request({ method: 'GET', path, headers: {} }));
}

test('a request over HTTPS – answered – names schema and level, is counted, and the dumps show the levels', async () => {
  await using server = await startTestServer({ setup: 'kubernetes', https: true });
  const level = await server.client.get(priorityLevelConfigurations, { name: 'exempt' });
  const schema = await server.client.get(flowSchemas, { name: 'probes' });
  const headers = await new Promise<Record<string, unknown>>((resolve, reject) => {
    const outgoing = request(
      `${server.url}/readyz`,
      { ca: server.pki.ca.certPem, agent: false },
      (answer) => {
        answer.resume();
        resolve(answer.headers);
      },
    );
    outgoing.on('error', reject).end();
  });
  assert.equal(headers['x-kubernetes-pf-prioritylevel-uid'], level.metadata.uid);
  assert.equal(headers['x-kubernetes-pf-flowschema-uid'], schema.metadata.uid);
  const metrics = await read(server, '/metrics');
  assert.match(
    metrics,
    /flowcontrol_dispatched_requests_total\{priority_level="exempt",flow_schema="probes"\} 1\n/,
  );
  assert.match(metrics, /flowcontrol_nominal_limit_seats\{priority_level="global-default"\} 49\n/);
  const folder = '/debug/api_priority_and_fairness';
  const lines = (await read(server, `${folder}/dump_priority_levels`)).split('\n');
  assert.equal(
    lines[0],
    'PriorityLevelName, ActiveQueues, IsIdle, IsQuiescing, WaitingRequests, ExecutingRequests, DispatchedRequests, RejectedRequests, TimedoutRequests, CancelledRequests',
  );
  assert.match(lines[2]!, /^exempt, {12}0, {12}true, {3}false, {7}0, {15}0, {17}1, /);
  assert.match(await read(server, `${folder}/dump_queues`), /\nglobal-default, {4}127, /);
  assert.match(
    await read(server, `${folder}/dump_requests`),
    /^PriorityLevelName, FlowSchemaName, QueueIndex, /,
  );
});

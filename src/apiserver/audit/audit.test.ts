/** What the audit events of requests say, at every level and stage, on a server as clusters have it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMaps, namespaces, pods } from '#api/generated/kinds.gen.ts';
import { bodyText, streamChunks } from '#client/transport/body.ts';
import type { StreamBody, Transport } from '#client/transport/transport.ts';
import { systemEnv } from '#host/system-env.ts';
import { recordedAudit } from '#testing/server/recorded-audit.ts';
import { createDefaultAccount, startTestServer } from '#testing/server/test-server.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { type AuditEvent, eventText } from './event.ts';
import type { Policy } from './policy.ts';

const maps = '/api/v1/namespaces/default/configmaps';
const json = { 'content-type': 'application/json', 'user-agent': 'test/1', 'audit-id': 'mine' };

/** In this process a test can send what it likes. */
function ask(transport: Transport, method: string, path: string, body?: object | string, more = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const bytes = body === undefined ? {} : { body: Buffer.from(text) };
  return transport.request({ method, path, headers: { ...json, ...more }, ...bytes });
}

async function auditedServer(policy: Policy) {
  const recorded = recordedAudit(policy);
  const server = await startTestServer({ setup: 'kubernetes', audit: recorded.audit });
  const mine = () => recorded.events.filter(({ auditID }) => auditID === 'mine').map(parsed);
  const { client, transport } = server;
  return { server, client, transport, recorded, mine, [Symbol.asyncDispose]: () => server.stop() };
}

function parsed(event: AuditEvent) {
  return JSON.parse(eventText(event));
}

test('audit – a create at RequestResponse – both stages, with the objects and without managedFields', async () => {
  const rules = [{ level: 'RequestResponse', omitManagedFields: true }] as const;
  await using server = await auditedServer({ rules });
  const body = { metadata: { name: 'm' }, data: { a: 'b' } };
  const answer = await ask(server.transport, 'POST', `${maps}?fieldManager=f`, body);
  assert.equal(answer.status, 201);
  const [received, complete, ...rest] = server.mine();
  assert.deepEqual(rest, []);
  const stamps = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
  assert.match(complete.requestReceivedTimestamp, stamps);
  assert.match(complete.stageTimestamp, stamps);
  const common = {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'RequestResponse',
    auditID: 'mine',
    requestURI: `${maps}?fieldManager=f`,
    verb: 'create',
    user: { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] },
    sourceIPs: ['::1'],
    userAgent: 'test/1',
    requestReceivedTimestamp: received.requestReceivedTimestamp,
  };
  const objectRef = { resource: 'configmaps', namespace: 'default', apiVersion: 'v1' };
  assert.deepEqual(received, {
    ...common,
    stage: 'RequestReceived',
    objectRef,
    stageTimestamp: received.requestReceivedTimestamp,
  });
  const { managedFields, ...metadata } = JSON.parse(await bodyText(answer)).metadata;
  assert.equal(managedFields.length, 1);
  assert.deepEqual(complete, {
    ...common,
    stage: 'ResponseComplete',
    objectRef: { ...objectRef, name: 'm' },
    responseStatus: { metadata: {}, code: 201 },
    requestObject: { kind: 'ConfigMap', apiVersion: 'v1', ...body },
    responseObject: { kind: 'ConfigMap', apiVersion: 'v1', metadata, data: { a: 'b' } },
    stageTimestamp: complete.stageTimestamp,
    annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': '' },
  });
  assert.deepEqual(Object.keys(complete).slice(0, 7), [
    'kind',
    'apiVersion',
    'level',
    'auditID',
    'stage',
    'requestURI',
    'verb',
  ]);
});

test('audit – at Request – the body of an update, a patch and a deletion, and no response', async () => {
  await using server = await auditedServer({
    rules: [{ level: 'Request', omitStages: ['RequestReceived'] }],
  });
  const { client, transport, mine, recorded } = server;
  const made = await client.create(configMaps, { metadata: { name: 'm', namespace: 'default' } });
  const { uid, resourceVersion } = made.metadata!;
  await ask(transport, 'PUT', `${maps}/m`, {
    metadata: { name: 'm', uid, resourceVersion },
    data: { a: '1' },
  });
  const merge = { 'content-type': 'application/merge-patch+json' };
  await ask(transport, 'PATCH', `${maps}/m`, { data: { a: '2' } }, merge);
  await ask(transport, 'DELETE', `${maps}/m`, { propagationPolicy: 'Background' });
  const [put, patch, deletion] = mine();
  assert.equal(
    recorded.events.every(({ responseObject }) => responseObject === undefined),
    true,
  );
  assert.deepEqual([put.objectRef.uid, put.objectRef.resourceVersion], [uid, resourceVersion]);
  assert.deepEqual(patch.requestObject, { data: { a: '2' } });
  assert.deepEqual(deletion.requestObject, {
    kind: 'DeleteOptions',
    apiVersion: 'meta.k8s.io/v1',
    propagationPolicy: 'Background',
  });
  const { status, details, code } = deletion.responseStatus;
  assert.deepEqual([status, details.name, code], ['Success', 'm', 200]);
});

test('audit – a patch and an answer of several lines – are one line, with all digits', async () => {
  await using server = await auditedServer({
    rules: [
      {
        level: 'RequestResponse',
        omitStages: ['RequestReceived'],
        omitManagedFields: true,
        verbs: ['create'],
      },
      { level: 'RequestResponse', omitStages: ['RequestReceived'] },
    ],
  });
  const { transport, recorded } = server;
  const revisions = '/apis/apps/v1/namespaces/default/controllerrevisions';
  const revision = '{"metadata":{"name":"r"},"revision":1,"data":{"a":9007199254740993}}';
  await ask(transport, 'POST', revisions, revision);
  const forged = '{"kind":"Event","stage":"Panic \\" {\\n }"}';
  const merge = { 'content-type': 'application/merge-patch+json' };
  await ask(
    transport,
    'PATCH',
    `${revisions}/r?pretty=1`,
    `{"metadata":{"labels":{}},"x":\n${forged}\n}`,
    merge,
  );
  const lines = recorded.events.filter(({ auditID }) => auditID === 'mine').map(eventText);
  assert.equal(lines.length, 2);
  for (const line of lines) {
    assert.doesNotMatch(line, /\n/);
    assert.match(line, /"responseObject":\{"kind":"ControllerRevision".*"data":\{"a":9007199254740993\}/);
  }
  assert.ok(lines[1]?.includes(`"requestObject":{"metadata":{"labels":{}},"x":${forged}}`));
});

test('audit – requests that are refused, impersonated or not for resources – are recorded with user, reason and answer', async () => {
  await using server = await auditedServer({
    rules: [{ level: 'Metadata', omitStages: ['RequestReceived'] }],
  });
  const bob = server.server.server.transport({ name: 'bob', groups: ['system:authenticated'] });
  await ask(bob, 'GET', `${maps}/x`);
  await ask(server.transport, 'GET', '/version', undefined, { 'impersonate-user': 'bob' });
  const [refused, version] = server.mine();
  assert.deepEqual(refused.responseStatus, {
    metadata: {},
    status: 'Failure',
    message:
      'configmaps "x" is forbidden: User "bob" cannot get resource "configmaps" in API group "" in the namespace "default"',
    reason: 'Forbidden',
    details: { name: 'x', kind: 'configmaps' },
    code: 403,
  });
  assert.equal(refused.annotations['authorization.k8s.io/decision'], 'forbid');
  assert.deepEqual(version.impersonatedUser, { username: 'bob', groups: ['system:authenticated'] });
  assert.equal('objectRef' in version, false);
  assert.match(version.annotations['authorization.k8s.io/reason'], /^RBAC: allowed by ClusterRoleBinding/);
});

test('audit – a watch – starts, and is complete when it ends', async () => {
  await using server = await auditedServer({ rules: [{ level: 'RequestResponse' }] });
  const answer = await ask(server.transport, 'GET', `${maps}?watch=1`);
  const chunks = streamChunks(answer.body as StreamBody);
  const stages = () => server.mine().map(({ stage, responseStatus }) => [stage, responseStatus?.code]);
  assert.deepEqual(stages(), [
    ['RequestReceived', undefined],
    ['ResponseStarted', 200],
  ]);
  const first = chunks.next();
  await server.client.create(configMaps, { metadata: { name: 'm', namespace: 'default' } });
  await first;
  await chunks.return();
  assert.deepEqual(stages().at(-1), ['ResponseComplete', 200]);
  assert.equal('responseObject' in server.mine().at(-1), false);
});

test('audit – a protobuf answer and a protobuf body – are recorded as JSON', async () => {
  await using server = await auditedServer({ rules: [{ level: 'RequestResponse' }] });
  const protobuf = 'application/vnd.kubernetes.protobuf';
  await server.client.create(configMaps, { metadata: { name: 'm', namespace: 'default' }, data: { a: 'b' } });
  const sent = await ask(server.transport, 'GET', `${maps}/m`, undefined, { accept: protobuf });
  const list = await ask(server.transport, 'GET', `${maps}?fieldSelector=metadata.name%3Dm`, undefined, {
    accept: protobuf,
  });
  assert.equal(list.status, 200);
  const body = Buffer.from(sent.body as Uint8Array);
  await server.transport.request({
    method: 'PUT',
    path: `${maps}/m`,
    headers: { ...json, 'content-type': protobuf },
    body,
  });
  const [, get, , listed, , put] = server.mine();
  assert.deepEqual(get.responseObject.data, { a: 'b' });
  assert.equal(listed.responseObject.kind, 'ConfigMapList');
  assert.equal(listed.responseObject.items[0].metadata.name, 'm');
  assert.deepEqual(put.requestObject.data, { a: 'b' });
});

test('audit – PodSecurity – annotates the enforced level, and violations of the audited level', async () => {
  await using server = await auditedServer({ rules: [{ level: 'Metadata' }] });
  const labels = { 'pod-security.kubernetes.io/audit': 'baseline' };
  await server.client.create(namespaces, { metadata: { name: 'n', labels } });
  await createDefaultAccount(server.client, 'n');
  const container = { name: 'c', image: 'i', securityContext: { privileged: true } };
  const pod = { metadata: { name: 'p' }, spec: { containers: [container] } };
  const answer = await ask(server.transport, 'POST', `/api/v1/namespaces/n/${pods.resource}`, pod);
  assert.equal(answer.status, 201);
  const { annotations } = server.mine().at(-1);
  assert.equal(annotations['pod-security.kubernetes.io/enforce-policy'], 'privileged:latest');
  assert.equal(
    annotations['pod-security.kubernetes.io/audit-violations'],
    'would violate PodSecurity "baseline:latest": privileged (container "c" must not set securityContext.privileged=true)',
  );
});

test('audit – an event cannot be kept – the request fails before it does anything', async () => {
  await using server = await auditedServer({ rules: [{ level: 'Metadata' }] });
  server.recorded.works = false;
  const answer = await ask(server.transport, 'POST', maps, { metadata: { name: 'm' } });
  assert.equal(answer.status, 500);
  assert.equal(
    JSON.parse(await bodyText(answer)).message,
    'Internal error occurred: failed to store audit event',
  );
  server.recorded.works = true;
  assert.equal((await ask(server.transport, 'GET', `${maps}/m`)).status, 404);
  const metrics = await bodyText(await ask(server.transport, 'GET', '/metrics'));
  assert.match(metrics, /apiserver_audit_requests_rejected_total 1\b/);
  assert.match(metrics, /apiserver_audit_level_total\{level="Metadata"\} \d/);
});

test('audit – a fault of the server – is recorded at the stage Panic, and not as complete', async () => {
  const recorded = recordedAudit();
  const broken = {
    name: 'broken',
    authorize() {
      throw new TypeError('boom');
    },
  };
  await using server = await startTestServer({ audit: recorded.audit, authorizers: [broken] });
  assert.equal((await ask(server.transport, 'GET', maps)).status, 500);
  const events = recorded.events.map(parsed);
  assert.deepEqual(
    events.map(({ stage }) => stage),
    ['RequestReceived', 'Panic'],
  );
  assert.deepEqual(events[1].responseStatus, {
    metadata: {},
    status: 'Failure',
    message: "APIServer panic'd: boom",
    reason: 'InternalError',
    code: 500,
  });
});

test('audit – a request that took more than half a second – says how long, and which layer', async () => {
  const clock = new VirtualClock();
  const recorded = recordedAudit(undefined, { ...systemEnv(), clock });
  let ms = 700;
  const slow = {
    name: 'slow',
    async authorize() {
      await new Promise<void>((resolve) => clock.after(ms, resolve));
      return { decision: 'allow' as const, reason: '' };
    },
  };
  await using server = await startTestServer({ audit: recorded.audit, authorizers: [slow], env: { clock } });
  for (ms of [700, 400]) {
    const answer = ask(server.transport, 'GET', maps);
    await clock.advance(ms);
    assert.equal((await answer).status, 200);
  }
  const complete = recorded.events.filter(({ stage }) => stage === 'ResponseComplete');
  const latency = (key: string) =>
    complete.map(({ annotations }) => annotations?.[`apiserver.latency.k8s.io/${key}`]);
  assert.deepEqual(latency('total'), ['700ms', undefined]);
  assert.deepEqual(latency('authorization'), ['700ms', undefined]);
});

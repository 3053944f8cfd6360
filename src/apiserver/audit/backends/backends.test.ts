/** Where events go: files that rotate, queues that batch, webhooks that are tried again, events that are cut. */

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { RotatedFile } from '#host/files/rotated-file.ts';
import { systemEnv } from '#host/system-env.ts';
import { eventually } from '#testing/client-suite.ts';
import { startTestWebhook } from '#testing/server/webhook-server.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { AuditMetrics } from '../audit-metrics.ts';
import { buildAuditing } from '../build-auditing.ts';
import { type AuditEvent, eventText } from '../event.ts';
import type { AuditSink } from '../sink.ts';
import { bufferedSink } from './buffered.ts';
import { logSink } from './log.ts';
import { truncatingSink } from './truncating.ts';

const env = systemEnv();

function event(auditID: string, more: Partial<AuditEvent> = {}): AuditEvent {
  return {
    level: 'Request',
    auditID,
    stage: 'ResponseComplete',
    requestURI: '/version',
    verb: 'get',
    user: { username: 'jane', groups: ['a', 'b'] },
    requestReceivedTimestamp: '2026-01-02T03:04:05.678000Z',
    stageTimestamp: '2026-01-02T03:04:05.679000Z',
    ...more,
  };
}

function recorder() {
  const batches: string[][] = [];
  const sink: AuditSink = {
    name: 'recorder',
    process: (events) => batches.push(events.map(({ auditID }) => auditID)) > 0,
    close: async () => {},
  };
  return { batches, sink };
}

function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'kybern-audit-'));
  t.after(() => rmSync(dir, { recursive: true }));
  return dir;
}

test('audit log file – more than it may hold – is moved aside under the time, compressed, and the oldest is removed', async (t) => {
  const dir = folder(t);
  const path = join(dir, 'log', 'audit.log');
  const rotation = { fileBytesMax: 20, ageMsMax: 0, backupsMax: 2, compresses: true };
  const file = new RotatedFile({ ...env, clock: new VirtualClock() }, path, rotation);
  for (let i = 0; i < 5; i++) file.write(`a line of 16 b ${i}\n`);
  await file.close();
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(readFileSync(path, 'utf8'), 'a line of 16 b 4\n');
  const backups = readdirSync(join(dir, 'log')).filter((name) => name !== 'audit.log');
  assert.equal(backups.length, 2);
  assert.match(backups[0]!, /^audit-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}\.log\.gz$/);
  const texts = backups.map((name) => gunzipSync(readFileSync(join(dir, 'log', name))).toString());
  assert.deepEqual(texts, ['a line of 16 b 2\n', 'a line of 16 b 3\n']);
});

test('audit log – the legacy format – one line as upstream prints it', () => {
  let written = '';
  const write = (text: string) => {
    written += text;
  };
  const writer = { write, close: async () => {} };
  const sink = logSink(writer, 'legacy', new AuditMetrics(env.log));
  sink.process([event('one', { responseStatus: { metadata: {}, code: 200 }, sourceIPs: ['10.0.0.1'] })]);
  assert.equal(
    written,
    '2026-01-02T03:04:05.678Z AUDIT: id="one" stage="ResponseComplete" ip="10.0.0.1" method="get" user="jane" ' +
      'groups="\\"a\\",\\"b\\"" as="<self>" asgroups="<lookup>" user-agent="" namespace="<none>" ' +
      'uri="/version" response="200"\n',
  );
});

test('buffered events – a full batch, or the time is over – go on; what does not fit is lost and counted', async () => {
  const clock = new VirtualClock();
  const { batches, sink } = recorder();
  const metrics = new AuditMetrics(env.log);
  const options = { queuedMax: 5, batchMax: 3, waitMsMax: 1000 };
  const buffered = bufferedSink({ clock }, sink, options, metrics);
  buffered.process(['a', 'b'].map((id) => event(id)));
  assert.deepEqual(batches, []);
  await clock.advance(1000);
  assert.deepEqual(batches, [['a', 'b']]);
  buffered.process(['c', 'd', 'e', 'f', 'g', 'lost'].map((id) => event(id)));
  await buffered.close();
  assert.deepEqual(batches.slice(1), [
    ['c', 'd', 'e'],
    ['f', 'g'],
  ]);
  assert.equal(buffered.process([event('late')]), true);
  assert.equal(batches.length, 3);
});

test('buffered events – more batches than the throttle allows – wait their turn', async () => {
  const clock = new VirtualClock();
  const { batches, sink } = recorder();
  const throttle = { batchesPerSecond: 10, burst: 2 };
  const options = { queuedMax: 100, batchMax: 1, waitMsMax: 1000, throttle };
  const buffered = bufferedSink({ clock }, sink, options, new AuditMetrics(env.log));
  for (const id of ['a', 'b', 'c', 'd']) buffered.process([event(id)]);
  await clock.advance(0);
  assert.deepEqual(batches.flat(), ['a', 'b']);
  await clock.advance(100);
  assert.deepEqual(batches.flat(), ['a', 'b', 'c']);
  await clock.advance(100);
  assert.deepEqual(batches.flat(), ['a', 'b', 'c', 'd']);
});

test('truncated events – too large – lose their objects; too large still – are lost; batches are split', () => {
  const seen: AuditEvent[][] = [];
  const sink: AuditSink = {
    name: 'seen',
    process: (events) => seen.push([...events]) > 0,
    close: async () => {},
  };
  const options = { eventBytesMax: 500, batchBytesMax: 800 };
  const truncating = truncatingSink(sink, options, new AuditMetrics(env.log));
  const requestObject = JSON.stringify('x'.repeat(1000));
  truncating.process([
    event('large', { requestObject, responseObject: '{}' }),
    event('lost', { requestURI: `/${'x'.repeat(1000)}` }),
    event('small'),
    event('next'),
  ]);
  const ids = seen.map((batch) => batch.map(({ auditID }) => auditID));
  assert.deepEqual(ids, [['large', 'small'], ['next']]);
  const large = JSON.parse(eventText(seen[0]![0]!));
  assert.deepEqual(large.annotations, { 'audit.k8s.io/truncated': 'true' });
  assert.equal('requestObject' in large || 'responseObject' in large, false);
});

test('audit webhook – an answer of 503 – the same EventList is sent again until it is taken', async (t) => {
  const dir = folder(t);
  let answers = 0;
  await using webhook = await startTestWebhook((_, response) => {
    answers++;
    if (answers < 3) response.writeHead(503).end();
    else return {};
  });
  const kubeconfig = join(dir, 'webhook.yaml');
  const cluster = { server: `${webhook.url}/audit`, 'certificate-authority-data': webhook.caBundle };
  const config = {
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
    clusters: [{ name: 'k', cluster }],
    users: [{ name: 'u', user: { token: 'secret' } }],
  };
  writeFileSync(kubeconfig, JSON.stringify(config));
  const policyFile = join(dir, 'policy.yaml');
  writeFileSync(policyFile, 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n');
  const auditing = buildAuditing(
    env,
    { policyFile, webhook: { configFile: kubeconfig, initialBackOffMs: 1, batchMaxSize: 2 } },
    (path) => readFileSync(path, 'utf8'),
  )!;
  auditing.process(event('a'));
  auditing.process(event('b'));
  await eventually(env, 'the third try', () => webhook.asked.length === 3 || undefined);
  await auditing.close();
  const [first, second, third] = webhook.asked;
  assert.equal(first!.url, '/audit');
  assert.equal(first!.headers.authorization, 'Bearer secret');
  assert.deepEqual([second!.body, third!.body], [first!.body, first!.body]);
  const list = JSON.parse(first!.body);
  assert.deepEqual([list.kind, list.apiVersion], ['EventList', 'audit.k8s.io/v1']);
  assert.deepEqual(
    list.items.map(({ auditID }: AuditEvent) => auditID),
    ['a', 'b'],
  );
});

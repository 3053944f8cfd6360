import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemEnv } from '#host/system-env.ts';
import { eventually } from '#testing/client-suite.ts';
import { auditIds, auditEvent as event } from '#testing/server/audit-events.ts';
import { startTestWebhook } from '#testing/server/webhook-server.ts';
import { buildAuditing } from '../build-auditing.ts';

const env = systemEnv();

test('audit webhook – an answer of 503 – the same EventList is sent again until it is accepted', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'kybern-audit-'));
  t.after(() => rmSync(dir, { recursive: true }));
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
  assert.deepEqual(auditIds(list.items), ['a', 'b']);
});

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Registry } from 'prom-client';
import { silentLog } from '#base/log.ts';
import { RotatedFile } from '#host/files/rotated-file.ts';
import { systemEnv } from '#host/system-env.ts';
import { auditEvent as event } from '#testing/server/audit-events.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { AuditMetrics } from '../audit-metrics.ts';
import type { AuditEvent } from '../event.ts';
import { type LogFormat, logSink } from './log.ts';

/** What the log writes of these events. */
function written(format: LogFormat, ...events: AuditEvent[]): string {
  const texts: string[] = [];
  const writer = { write: (text: string) => void texts.push(text), close: async () => {} };
  assert.equal(logSink(writer, format, new AuditMetrics(silentLog)).process(events), true);
  return texts.join('');
}

test('audit log file – beyond its size – is rotated, compressed, and the oldest is removed', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'kybern-audit-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const path = join(dir, 'log', 'audit.log');
  const rotation = { fileBytesMax: 20, ageMsMax: 0, backupsMax: 2, compresses: true };
  const file = new RotatedFile({ ...systemEnv(), clock: new VirtualClock() }, path, rotation);
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

test("audit log – JSON – has an event a line, in upstream's order of fields", () => {
  const times =
    '"requestReceivedTimestamp":"2026-01-02T03:04:05.678000Z","stageTimestamp":"2026-01-02T03:04:05.679000Z"}\n';
  const head = (id: string) =>
    `{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Request","auditID":"${id}","stage":"ResponseComplete",` +
    '"requestURI":"/version","verb":"get","user":{"username":"jane","groups":["a","b"]},';
  assert.equal(
    written('json', event('one'), event('two', { requestObject: '{"a":1}' })),
    `${head('one')}${times}${head('two')}"requestObject":{"a":1},${times}`,
  );
});

describe('audit log – the legacy format – has a line as upstream prints it', () => {
  const line = (parts: Record<string, string>) => {
    const all = {
      ip: '<unknown>',
      user: 'jane',
      groups: '"\\"a\\",\\"b\\""',
      as: '<self>',
      asgroups: '"<lookup>"',
      agent: '',
      namespace: '<none>',
      response: '<deferred>',
      ...parts,
    };
    return (
      `2026-01-02T03:04:05.678Z AUDIT: id="one" stage="ResponseComplete" ip="${all.ip}" method="get" user="${all.user}" ` +
      `groups=${all.groups} as="${all.as}" asgroups=${all.asgroups} user-agent="${all.agent}" ` +
      `namespace="${all.namespace}" uri="/version" response="${all.response}"\n`
    );
  };
  const rows: [what: string, event: Partial<AuditEvent>, text: string][] = [
    ['nothing more', {}, line({})],
    ['an answer', { responseStatus: { metadata: {}, code: 200 } }, line({ response: '200' })],
    ['an address', { sourceIPs: ['10.0.0.1', '10.0.0.2'] }, line({ ip: '10.0.0.1' })],
    ['no user', { user: { username: '' } }, line({ user: '<none>', groups: '"<none>"' })],
    [
      'another user',
      { impersonatedUser: { username: 'bob', groups: ['c'] } },
      line({ as: 'bob', asgroups: '"\\"c\\""' }),
    ],
    ['a program', { userAgent: 'kubectl/v1.36' }, line({ agent: 'kubectl/v1.36' })],
    ['an object', { objectRef: { namespace: 'team' } }, line({ namespace: 'team' })],
  ];
  for (const [what, more, text] of rows) {
    test(what, () => assert.equal(written('legacy', event('one', more)), text));
  }
});

test('audit log – a file that cannot be written – loses the events, and counts each', async () => {
  const metrics = new AuditMetrics(silentLog);
  const registry = new Registry();
  metrics.register(registry);
  const write = () => {
    throw new Error('no space left');
  };
  const sink = logSink({ write, close: async () => {} }, 'json', metrics);
  assert.equal(sink.process([event('a'), event('b')]), false);
  assert.match(await registry.metrics(), /^apiserver_audit_error_total\{plugin="log"\} 2$/m);
});

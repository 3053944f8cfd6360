/** The outermost stages, each by itself: what they do to an answer on its way out. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { badRequest, serviceUnavailable } from '#api/meta/status.ts';
import { loadSchema } from '#api/schema/load-schema.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { NoSuchPage } from '../../contract/plain-refusal.ts';
import { promptShutdown, Shutdown } from '../../flowcontrol/shutdown/shutdown.ts';
import { beginExchange, type Exchange, type HandlerParts } from '../../request/exchange.ts';
import { Metrics } from '../../request/metrics.ts';
import { parseRequest } from '../../request/parse-request.ts';
import type { Answer, Stage } from '../stage.ts';
import { auditInit } from './audit-init.ts';
import { cacheControl } from './cache-control.ts';
import { requestMetrics } from './metrics.ts';
import { panicRecovery } from './panic-recovery.ts';
import { waitGroup } from './wait-group.ts';
import { warnings } from './warnings.ts';

function begin(headers: Record<string, string> = {}) {
  const clock = new VirtualClock();
  const logged: string[] = [];
  const log = { error: (_: string, { error }: { error: string }) => logged.push(error) };
  const env = { clock, log, random: { uuid: () => 'drawn' } };
  const parts = { env, schema: loadSchema() } as unknown as HandlerParts;
  const request = { method: 'GET', path: '/api/v1/pods', headers };
  return { clock, logged, exchange: beginExchange(parts, { request, peer: {} }) };
}

function left(stage: Stage, exchange: Exchange, headers: Record<string, string> = {}): Answer {
  const answer: Answer = { status: 200, headers, body: new Uint8Array() };
  stage.leave!(exchange, answer);
  return answer;
}

test('Audit-ID – one that was sent – is given back, 64 characters of it; else one is drawn', () => {
  const idOf = (headers: Record<string, string>) => left(auditInit, begin(headers).exchange).headers;
  assert.deepEqual(idOf({}), { 'audit-id': 'drawn' });
  assert.deepEqual(idOf({ 'audit-id': 'a'.repeat(70) }), { 'audit-id': 'a'.repeat(64) });
});

test('Cache-Control – what the handler did not say – is no-cache, private', () => {
  const { exchange } = begin();
  assert.equal(left(cacheControl, exchange).headers['cache-control'], 'no-cache, private');
  const own = { 'cache-control': 'public, immutable' };
  assert.equal(left(cacheControl, exchange, { ...own }).headers['cache-control'], 'public, immutable');
});

test('warnings – quotes, control characters, other scripts – one header that holds them all', () => {
  const { exchange } = begin();
  assert.equal(left(warnings, exchange).headers['warning'], undefined);
  for (const text of ['say "a\\b"', 'two\nlines', 'für']) exchange.warnings.add(text);
  const header = left(warnings, exchange).headers['warning']!;
  assert.equal(
    Buffer.from(header, 'latin1').toString(),
    '299 - "say \\"a\\\\b\\"", 299 - "two lines", 299 - "für"',
  );
});

test('what a stage throws – a Status, a plain refusal, anything else – becomes the answer; the last is logged', () => {
  const { exchange, logged } = begin();
  const answerTo = (error: unknown) => {
    const { status, body } = panicRecovery.rescue!(exchange, error);
    const text = Buffer.from(body as Uint8Array).toString();
    return [status, text.startsWith('{') ? JSON.parse(text).message : text];
  };
  assert.deepEqual(answerTo(badRequest('not so')), [400, 'not so']);
  assert.deepEqual(answerTo(new NoSuchPage()), [404, '404 page not found\n']);
  assert.deepEqual(logged, []);
  assert.deepEqual(answerTo(new Error('broke')), [500, 'Internal error occurred: broke']);
  assert.deepEqual(answerTo('just text'), [500, 'Internal error occurred: just text']);
  assert.match(logged[0]!, /^Error: broke\n +at /);
});

test('the wait group – a request that was refused before it came there – is not counted', async () => {
  const { clock, exchange } = begin();
  const shutdown = new Shutdown(clock, promptShutdown);
  const stage = waitGroup(shutdown);
  stage.end!(exchange);
  stage.enter!(exchange);
  let isIdle = false;
  void shutdown.requests.idle(1000).then(() => {
    isIdle = true;
  });
  await clock.advance(1);
  assert.equal(isIdle, false);
  stage.end!(exchange);
  await clock.advance(1);
  assert.equal(isIdle, true);
});

test('the wait group – of a server that stops – sends callers to another, but not health checks', async () => {
  const { clock, exchange } = begin();
  const shutdown = new Shutdown(clock, promptShutdown);
  const stage = waitGroup(shutdown);
  await shutdown.initiate();
  exchange.info = parseRequest('GET', '/api/v1/pods');
  const { status, headers, body } = stage.enter!(exchange) as ApiResponse;
  assert.deepEqual(
    [status, headers['retry-after'], JSON.parse(Buffer.from(body as Uint8Array).toString())],
    [503, '1', serviceUnavailable('apiserver is shutting down').status],
  );
  exchange.info = parseRequest('GET', '/livez');
  assert.equal(stage.enter!(exchange), undefined);
  stage.end!(exchange);
});

test('a list – that is sent as a stream – is counted when it has been sent, with the time that took', async () => {
  const { clock, exchange } = begin();
  exchange.info = parseRequest('GET', '/api/v1/pods');
  const metrics = new Metrics({
    inFlight: () => ({ executing: { readOnly: 0, mutating: 0 }, waiting: { readOnly: 0, mutating: 0 } }),
    objects: () => new Map(),
    storedBytes: () => 0,
    isDeprecated: () => false,
    isServed: () => true,
  });
  const answer: Answer = {
    status: 200,
    headers: {},
    body: { start: (sink) => clock.after(2000, () => sink.end()) },
  };
  requestMetrics(metrics).leave!(exchange, answer);
  const counted = async () =>
    /^apiserver_request_duration_seconds_sum.* (\S+)$/m.exec(await metrics.registry.metrics())?.[1];
  assert.ok('start' in answer.body);
  answer.body.start({ write: () => true, end() {}, fail() {}, onDrain() {}, onClose() {} });
  assert.equal(await counted(), undefined);
  await clock.advance(2000);
  assert.equal(await counted(), '2');
});

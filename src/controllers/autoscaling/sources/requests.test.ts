import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unexpectedResponse } from '#api/meta/unexpected-response.ts';
import type { ReadClient } from '#client/client.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { Requests } from './requests.ts';

const subject = { group: 'metrics.k8s.io', resource: 'pods.metrics.k8s.io' };
const path = '/apis/metrics.k8s.io/v1beta1/pods';

function requestsOver(raw: ReadClient['raw']) {
  const clock = new VirtualClock();
  const end = new AbortController();
  const requests = new Requests({ raw } as ReadClient, clock, end.signal);
  return { requests, clock, end };
}

const hanging = () => new Promise<never>(() => {});
const textOf = (request: Promise<unknown>) =>
  request.then(
    () => 'answered',
    (error: Error) => error.message,
  );

test('a request – that is not answered – ends after a minute', async () => {
  const { requests, clock } = requestsOver(hanging);
  const text = textOf(requests.get(path, subject));
  await clock.advance(60_000);
  assert.equal(await text, 'Timeout: request did not complete within the allotted timeout');
});

test('a group with 25 requests that wait – asked once more – refuses at once, another group does not', async () => {
  const { requests, clock } = requestsOver((_, at) => (at === path ? hanging() : Promise.resolve('other')));
  const waiting = Array.from({ length: 25 }, () => textOf(requests.get(path, subject)));
  assert.equal(
    await textOf(requests.get(path, subject)),
    '25 requests to metrics.k8s.io wait for an answer (get pods.metrics.k8s.io)',
  );
  assert.equal(await requests.get('/apis/o', { group: 'o', resource: 'o' }), 'other');
  await clock.advance(60_000);
  await Promise.all(waiting);
  const again = textOf(requests.get(path, subject));
  await clock.advance(60_000);
  assert.match(await again, /^Timeout/);
});

test('requests that wait – when the controller stops – are abandoned', async () => {
  const { requests, end } = requestsOver(hanging);
  const text = textOf(requests.get(path, subject));
  end.abort(new Error('the controller stops'));
  assert.equal(await text, 'the controller stops');
});

test('an answer without Status – to a request for a named object – names it in the error', async () => {
  const { requests } = requestsOver(() => Promise.reject(unexpectedResponse(503, 'busy')));
  assert.equal(
    await textOf(requests.get(path, { ...subject, name: '*' })),
    'the server is currently unable to handle the request (get pods.metrics.k8s.io *)',
  );
});

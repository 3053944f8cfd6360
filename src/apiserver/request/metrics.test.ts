import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Metrics } from './metrics.ts';
import { parseRequest } from './parse-request.ts';

const noRequests = { readOnly: 0, mutating: 0 };
const sources = {
  inFlight: () => ({ executing: noRequests, waiting: noRequests }),
  objects: () => new Map(),
};

async function linesOf(metrics: Metrics, name: string): Promise<string[]> {
  const text = await metrics.registry.metrics();
  return text.split('\n').filter((line) => line.startsWith(name));
}

test('answered requests – read twice – are counted once each by code, and timed together', async () => {
  const metrics = new Metrics(sources);
  const get = parseRequest('GET', '/api/v1/namespaces/a/pods/p');
  for (const [code, ms] of [
    [200, 10],
    [200, 700],
    [404, 1],
  ] as const) {
    metrics.answered(get, code, ms);
  }
  const labels = 'verb="GET",group="",version="v1",resource="pods",subresource="",scope="resource"';
  for (let i = 0; i < 2; i++) {
    assert.deepEqual(await linesOf(metrics, 'apiserver_request_total'), [
      `apiserver_request_total{${labels},code="200"} 2`,
      `apiserver_request_total{${labels},code="404"} 1`,
    ]);
  }
  const name = 'apiserver_request_duration_seconds';
  const durations = await linesOf(metrics, name);
  for (const line of [
    `${name}_bucket{le="0.005",${labels}} 1`,
    `${name}_bucket{le="0.025",${labels}} 2`,
    `${name}_bucket{le="+Inf",${labels}} 3`,
    `${name}_sum{${labels}} 0.711`,
    `${name}_count{${labels}} 3`,
  ]) {
    assert.ok(durations.includes(line), line);
  }
});

test('requests for ever new resources – beyond the limit – are counted without their names', async () => {
  const metrics = new Metrics(sources);
  for (let i = 0; i < 5100; i++) metrics.answered(parseRequest('GET', `/apis/g/v1/r${i}`), 404, 1);
  const lines = await linesOf(metrics, 'apiserver_request_total');
  assert.equal(lines.length, 5001);
  assert.match(lines.at(-1)!, /resource="",.*code="404"} 100$/);
});

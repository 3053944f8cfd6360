import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RequestInfo } from '../contract/request-info.ts';
import { type AnsweredRequest, Metrics } from './metrics.ts';
import { parseRequest } from './parse-request.ts';

const noRequests = { readOnly: 0, mutating: 0 };
const sources = {
  inFlight: () => ({ executing: noRequests, waiting: noRequests }),
  objects: () => new Map(),
  storedBytes: () => 4096,
  isDeprecated: ({ version }: RequestInfo) => version === 'v1beta1',
  isServed: ({ resource }: RequestInfo) => resource !== 'absent',
};

async function linesOf(metrics: Metrics, name: string): Promise<string[]> {
  const text = await metrics.registry.metrics();
  return text.split('\n').filter((line) => line.startsWith(name));
}

const answer = (path: string, more: Partial<AnsweredRequest> = {}, method = 'GET'): AnsweredRequest => ({
  info: parseRequest(method, path),
  code: 200,
  ms: 10,
  bytes: 0,
  bodyBytes: 0,
  isApply: false,
  isDryRun: false,
  ...more,
});

test('answered requests – read twice – are counted once each by code, and measured together', async () => {
  const metrics = new Metrics(sources);
  const pod = '/api/v1/namespaces/a/pods/p';
  metrics.answered(answer(pod, { bytes: 500 }));
  metrics.answered(answer(pod, { ms: 700, bytes: 5000 }));
  metrics.answered(answer(pod, { code: 404, ms: 1, bytes: 100 }));
  const labels =
    'verb="GET",group="",version="v1",resource="pods",subresource="",scope="resource",component="apiserver"';
  for (let i = 0; i < 2; i++) {
    assert.deepEqual(await linesOf(metrics, 'apiserver_request_total'), [
      `apiserver_request_total{${labels},dry_run="",code="200"} 2`,
      `apiserver_request_total{${labels},dry_run="",code="404"} 1`,
    ]);
  }
  const name = 'apiserver_request_duration_seconds';
  const durations = await linesOf(metrics, name);
  for (const line of [
    `${name}_bucket{le="0.005",${labels},dry_run=""} 1`,
    `${name}_bucket{le="0.025",${labels},dry_run=""} 2`,
    `${name}_bucket{le="+Inf",${labels},dry_run=""} 3`,
    `${name}_sum{${labels},dry_run=""} 0.711`,
    `${name}_count{${labels},dry_run=""} 3`,
  ]) {
    assert.ok(durations.includes(line), line);
  }
  const indicated = await linesOf(metrics, 'apiserver_request_sli_duration_seconds');
  assert.equal(indicated[0], `apiserver_request_sli_duration_seconds_bucket{le="0.05",${labels}} 2`);
  assert.equal(indicated.length, 24);
  assert.deepEqual(
    (await linesOf(metrics, 'apiserver_response_sizes')).map((line) =>
      line.replace(`,${labels}`, '').replace(labels, ''),
    ),
    [
      'apiserver_response_sizes_bucket{le="1000"} 2',
      ...['10000', '100000', '1000000', '10000000', '100000000', '1000000000', '+Inf'].map(
        (le) => `apiserver_response_sizes_bucket{le="${le}"} 3`,
      ),
      'apiserver_response_sizes_sum{} 5600',
      'apiserver_response_sizes_count{} 3',
    ],
  );
});

test('requests – of every verb, of paths beside resources – have the labels of upstream', async () => {
  const metrics = new Metrics(sources);
  const pods = '/api/v1/namespaces/a/pods';
  metrics.answered(answer(pods, { isDryRun: true }, 'POST'));
  metrics.answered(answer(`${pods}/p`, {}, 'PUT'));
  metrics.answered(answer(`${pods}/p`, {}, 'PATCH'));
  metrics.answered(answer(`${pods}/p`, { isApply: true }, 'PATCH'));
  metrics.answered(answer(pods, {}, 'DELETE'));
  metrics.answered(answer(`${pods}/p/exec`, {}, 'POST'));
  for (const path of [
    '/readyz/ping',
    '/openapi/v2',
    '/openapi/v3',
    '/openapi/v3/apis/apps/v1',
    '/apis',
    '/version',
  ]) {
    metrics.answered(answer(path));
  }
  const lines = await linesOf(metrics, 'apiserver_request_total');
  const valuesOf = (line: string) =>
    ['verb', 'resource', 'subresource', 'scope', 'component', 'dry_run']
      .map((name) => new RegExp(`[{,]${name}="([^"]*)"`).exec(line)![1])
      .join();
  assert.deepEqual(lines.map(valuesOf), [
    'POST,pods,,namespace,apiserver,All',
    'PUT,pods,,resource,apiserver,',
    'PATCH,pods,,resource,apiserver,',
    'APPLY,pods,,resource,apiserver,',
    'DELETECOLLECTION,pods,,namespace,apiserver,',
    'CONNECT,pods,exec,resource,apiserver,',
    'GET,,/readyz,,,',
    'GET,,openapi/v2,,,',
    'GET,,openapi/v3,,,',
    'GET,,openapi/v3/,,,',
    'GET,,apis,,apiserver,',
    'GET,,,,,',
  ]);
});

test('objects – of several groups – are counted by resource, and by group and resource', async () => {
  const objects = new Map([
    ['pods', 3],
    ['widgets.example.com', 1],
  ]);
  const metrics = new Metrics({ ...sources, objects: () => objects });
  assert.deepEqual(await linesOf(metrics, 'apiserver_storage_objects'), [
    'apiserver_storage_objects{resource="pods"} 3',
    'apiserver_storage_objects{resource="widgets.example.com"} 1',
  ]);
  assert.deepEqual(await linesOf(metrics, 'apiserver_resource_objects'), [
    'apiserver_resource_objects{group="",resource="pods"} 3',
    'apiserver_resource_objects{group="example.com",resource="widgets"} 1',
  ]);
  assert.match(
    (await linesOf(metrics, 'kubernetes_build_info'))[0]!,
    /git_version="v1\.36\.0".*minor="36".*} 1$/,
  );
});

test('requests for what does not exist – are counted without the names that their callers chose', async () => {
  const metrics = new Metrics(sources);
  for (let i = 0; i < 3; i++) {
    metrics.answered(answer(`/apis/g${i}.example.com/v${i}/absent/n/s${i}`, { code: 404 }));
    metrics.answered(answer(`/openapi/v2/${i}`, { code: 404 }));
  }
  assert.deepEqual(await linesOf(metrics, 'apiserver_request_total'), [
    'apiserver_request_total{verb="GET",group="",version="",resource="",subresource="",scope="resource",component="apiserver",dry_run="",code="404"} 3',
    'apiserver_request_total{verb="GET",group="",version="",resource="",subresource="",scope="",component="",dry_run="",code="404"} 3',
  ]);
});

test('a long-running request for what does not exist – is counted without the names that its caller chose', async () => {
  const metrics = new Metrics(sources);
  for (let i = 0; i < 3; i++) {
    const { info } = answer(`/apis/g${i}.example.com/v${i}/absent?watch=1`);
    metrics.longRunning(info, 404)();
  }
  assert.deepEqual(await linesOf(metrics, 'apiserver_request_total'), [
    'apiserver_request_total{verb="WATCH",group="",version="",resource="",subresource="",scope="cluster",component="apiserver",dry_run="",code="404"} 3',
  ]);
  const open = await linesOf(metrics, 'apiserver_longrunning_requests{');
  assert.equal(open.length, 1, open.join('\n'));
});

test('requests for ever new resources – beyond the limit – are counted without their names', async () => {
  const metrics = new Metrics(sources);
  for (let i = 0; i < 5100; i++) metrics.answered(answer(`/apis/g/v1/r${i}`, { code: 404 }));
  const lines = await linesOf(metrics, 'apiserver_request_total');
  assert.equal(lines.length, 5001);
  assert.match(lines.at(-1)!, /resource="",.*code="404"} 100$/);
});

test('bodies of writes, deprecated versions, the store – are measured under the names of upstream', async () => {
  const metrics = new Metrics(sources);
  const deployments = '/apis/apps/v1/namespaces/a/deployments';
  metrics.answered(answer(deployments, { bodyBytes: 60_000 }, 'POST'));
  metrics.answered(answer(`${deployments}?dryRun=All`, { bodyBytes: 40_000, isDryRun: true }, 'POST'));
  metrics.answered(answer('/apis/d.example.com/v1beta1/multis'));
  const name = 'apiserver_request_body_size_bytes';
  const labels = 'group="apps",resource="deployments",verb="create"';
  const bodies = await linesOf(metrics, name);
  assert.equal(bodies.length, 34);
  assert.deepEqual(
    [...bodies.slice(0, 2), ...bodies.slice(-3)],
    [
      `${name}_bucket{le="50000",${labels}} 1`,
      `${name}_bucket{le="150000",${labels}} 2`,
      `${name}_bucket{le="+Inf",${labels}} 2`,
      `${name}_sum{${labels}} 100000`,
      `${name}_count{${labels}} 2`,
    ],
  );
  assert.deepEqual(await linesOf(metrics, 'apiserver_requested_deprecated_apis'), [
    'apiserver_requested_deprecated_apis{group="d.example.com",version="v1beta1",resource="multis",subresource="",removed_release=""} 1',
  ]);
  assert.deepEqual(await linesOf(metrics, 'apiserver_storage_size_bytes'), [
    'apiserver_storage_size_bytes{storage_cluster_id="etcd-0"} 4096',
  ]);
});

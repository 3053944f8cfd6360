/** What a whole in-process server refuses, with which status and which words. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { leases } from '#api/generated/kinds.gen.ts';
import type { ApiRequest } from '#client/transport/transport.ts';
import { startTestServer, type TestServer } from '#testing/server/test-server.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
  await server.client.create(leases, { metadata: { name: 'held', namespace: 'default' } });
});
after(() => server.stop());

const notAllowed = 'the server does not allow this method on the requested resource';
const noResource = 'the server could not find the requested resource';
const maps = '/api/v1/namespaces/default/configmaps';

async function send(method: string, path: string, body?: unknown) {
  const request: ApiRequest = {
    method,
    path,
    headers: { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' },
    ...(body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) }),
  };
  const response = await server.transport.request(request);
  const bytes = Buffer.concat([response.body as Uint8Array].flat());
  return { status: response.status, body: JSON.parse(bytes.toString()) };
}

const refused: [what: string, method: string, path: string, body: unknown, code: number, message: string][] =
  [
    [
      'no such resource',
      'GET',
      '/api/v1/foos',
      undefined,
      404,
      'the server could not find the requested resource',
    ],
    ['no such object', 'GET', `${maps}/nope`, undefined, 404, 'configmaps "nope" not found'],
    [
      'other namespace',
      'POST',
      maps,
      { metadata: { name: 'a', namespace: 'b' } },
      400,
      'the namespace of the provided object does not match the namespace sent on the request',
    ],
    [
      'no name',
      'POST',
      maps,
      {},
      422,
      'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
    ],
    [
      'a version at creation',
      'POST',
      maps,
      { metadata: { name: 'a', resourceVersion: '3' } },
      500,
      'resourceVersion should not be set on objects to be created',
    ],
    [
      'wrong type',
      'POST',
      maps,
      { metadata: { name: 'a' }, data: 3 },
      400,
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type map[string]string',
    ],
    [
      'other kind',
      'POST',
      maps,
      { kind: 'Pod', metadata: { name: 'a' } },
      400,
      'Pod in version "v1" cannot be handled as a ConfigMap: converting (v1.Pod) to (core.ConfigMap): unknown conversion',
    ],
    [
      'other version',
      'POST',
      maps,
      { apiVersion: 'v2', metadata: { name: 'a' } },
      400,
      'ConfigMap in version "v2" cannot be handled as a ConfigMap: no kind "ConfigMap" is registered for version "v2" in scheme "pkg/runtime/scheme.go:111"',
    ],
    [
      'a version of before',
      'POST',
      '/apis/apps/v1/namespaces/default/deployments',
      { apiVersion: 'apps/v1beta1', kind: 'Deployment', metadata: { name: 'a' } },
      400,
      'the API version in the data (apps/v1beta1) does not match the expected API version (apps/v1)',
    ],
    [
      'a list as an object',
      'POST',
      maps,
      [],
      400,
      `the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" } (5b5d)`,
    ],
    [
      'a number as kind',
      'POST',
      maps,
      { kind: 3 },
      400,
      `the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: json: cannot unmarshal number into Go struct field .kind of type string ({"kind":3})`,
    ],
    ['one object created', 'POST', `${maps}/a`, { metadata: { name: 'a' } }, 405, notAllowed],
    ['a collection replaced', 'PUT', maps, { metadata: { name: 'a' } }, 405, notAllowed],
    ['a collection patched', 'PATCH', maps, {}, 405, notAllowed],
    ['all namespaces deleted', 'DELETE', '/api/v1/namespaces', undefined, 405, notAllowed],
    ['HEAD', 'HEAD', maps, undefined, 405, notAllowed],
    ['OPTIONS', 'OPTIONS', maps, undefined, 405, notAllowed],
    ['a binding read', 'GET', '/api/v1/namespaces/default/pods/a/binding', undefined, 405, notAllowed],
    ['no such subresource', 'GET', `${maps}/a/status`, undefined, 404, noResource],
    ['below a subresource', 'GET', '/api/v1/namespaces/default/pods/a/status/b', undefined, 404, noResource],
    ['an object of no namespace', 'GET', '/api/v1/configmaps/a', undefined, 404, noResource],
    ['no such version', 'GET', '/apis/apps/v9/deployments', undefined, 404, noResource],
    [
      'unknown options',
      'POST',
      `${maps}?fieldValidation=Loud&fieldManager=${'m'.repeat(129)}`,
      { metadata: { name: 'a' } },
      422,
      'CreateOptions.meta.k8s.io "" is invalid: [fieldManager: Too long: may not be more than 128 bytes, fieldValidation: Unsupported value: "Loud": supported values: "", "Ignore", "Strict", "Warn"]',
    ],
    [
      'a delete of something else',
      'DELETE',
      `${maps}/a`,
      { kind: 'ConfigMap' },
      400,
      'decoded object cannot be converted to DeleteOptions',
    ],
    [
      'a delete with something else for a number',
      'DELETE',
      `${maps}/a`,
      { kind: 'DeleteOptions', apiVersion: 'policy/v1', gracePeriodSeconds: 'abc', foo: 1 },
      400,
      'DeleteOptions in version "v1" cannot be handled as a DeleteOptions: json: cannot unmarshal string into Go struct field DeleteOptions.gracePeriodSeconds of type int64',
    ],
    [
      'another uid, replaced',
      'PUT',
      `${maps}/a`,
      { metadata: { name: 'a', uid: 'x' } },
      409,
      'Operation cannot be fulfilled on configmaps "a": StorageError: invalid object, Code: 4, Key: /registry/configmaps/default/a, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: x, UID in object meta: ',
    ],
    [
      'another uid, in a dry run',
      'PUT',
      `${maps}/a?dryRun=All`,
      { metadata: { name: 'a', uid: 'x' } },
      409,
      'Operation cannot be fulfilled on configmaps "a": StorageError: invalid object, Code: 4, Key: /configmaps/default/a, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: x, UID in object meta: ',
    ],
    // The text is read before it is compared, and what the parser says has no code of its own.
    [
      'a version that is no number, replaced',
      'PUT',
      '/apis/coordination.k8s.io/v1/namespaces/default/leases/held',
      { metadata: { name: 'held', resourceVersion: 'abc' } },
      500,
      'strconv.ParseUint: parsing "abc": invalid syntax',
    ],
    [
      'a version that is no number, patched',
      'PATCH',
      '/apis/coordination.k8s.io/v1/namespaces/default/leases/held',
      { metadata: { resourceVersion: '99999999999999999999' } },
      500,
      'strconv.ParseUint: parsing "99999999999999999999": value out of range',
    ],
    [
      'a version that is no number, of what is not there',
      'PUT',
      `${maps}/nothing`,
      { metadata: { name: 'nothing', resourceVersion: 'abc' } },
      404,
      'configmaps "nothing" not found',
    ],
    [
      'no version of a lease',
      'PUT',
      '/apis/coordination.k8s.io/v1/namespaces/default/leases/held',
      { metadata: { name: 'held' } },
      422,
      'leases.coordination.k8s.io "held" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    ],
    [
      'strict',
      'POST',
      `${maps}?fieldValidation=Strict`,
      { metadata: { name: 'a' }, foo: 1 },
      400,
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "foo"',
    ],
    [
      'collection across namespaces',
      'POST',
      '/api/v1/configmaps',
      { metadata: { name: 'a' } },
      405,
      'the server does not allow this method on the requested resource',
    ],
    [
      'match without revision',
      'GET',
      `${maps}?resourceVersionMatch=Exact`,
      undefined,
      422,
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
    ],
    [
      'bad revision',
      'GET',
      `${maps}?resourceVersion=x`,
      undefined,
      400,
      'invalid resource version: resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax',
    ],
    [
      'bad token',
      'GET',
      `${maps}?limit=1&continue=x`,
      undefined,
      400,
      'invalid continue token: continue key is not valid: illegal base64 data at input byte 0',
    ],
    ['bad label selector', 'GET', `${maps}?labelSelector=a==`, undefined, 200, ''],
    [
      'unknown field',
      'GET',
      `${maps}?fieldSelector=spec.x=1`,
      undefined,
      400,
      '"spec.x" is not a known field selector: only "metadata.name", "metadata.namespace"',
    ],
    [
      'unknown pod field',
      'GET',
      '/api/v1/pods?fieldSelector=spec.x=1',
      undefined,
      400,
      'field label not supported: spec.x',
    ],
    [
      'dry run of another kind',
      'POST',
      `${maps}?dryRun=x`,
      { metadata: { name: 'a' } },
      422,
      'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["x"]: supported values: "All"',
    ],
  ];

for (const [what, method, path, body, code, message] of refused) {
  test(what, async () => {
    const answer = await send(method, path, body);
    assert.deepEqual([answer.status, answer.body.message ?? ''], [code, message]);
  });
}

describe('a path – of no API group – is answered as by any web server', () => {
  for (const path of ['/foo', '/apis/example.com/v1/things', '/apis/example.com', '/healthz/foo']) {
    test(path, async () => {
      const response = await server.transport.request({ method: 'GET', path, headers: {} });
      assert.equal(response.status, 404);
      assert.equal(response.headers['content-type'], 'text/plain; charset=utf-8');
      assert.equal(Buffer.from(response.body as Uint8Array).toString(), '404 page not found\n');
    });
  }
});

async function answerTo(path: string, headers: Record<string, string>) {
  const response = await server.transport.request({ method: 'GET', path, headers });
  const body = Buffer.concat([response.body as Uint8Array].flat()).toString();
  return { status: response.status, type: response.headers['content-type'], body };
}

test('a failure – with each Accept header – comes in the accepted form', async () => {
  const yaml = await answerTo(`${maps}/nope`, { accept: 'application/yaml' });
  assert.match(yaml.body, /^apiVersion: v1\ncode: 404\n/);
  const protobuf = await answerTo(`${maps}/nope`, { accept: 'application/vnd.kubernetes.protobuf' });
  assert.match(protobuf.body, /^k8s\0.*configmaps "nope" not found/s);
  const html = await answerTo(`${maps}/nope`, { accept: 'text/html' });
  assert.deepEqual([html.status, html.type], [406, 'application/json']);
});

test('a write – whose answer could not be read – is a 406, and nothing is written', async () => {
  const accept = 'text/html';
  const body = Buffer.from(JSON.stringify({ metadata: { name: 'unread' } }));
  const headers = { accept, 'content-type': 'application/json' };
  const created = await server.transport.request({ method: 'POST', path: maps, headers, body });
  assert.equal(created.status, 406);
  assert.equal((await answerTo(`${maps}/unread`, {})).status, 404);
});

test('an answer – to a browser or curl – is indented', async () => {
  const indented = async (path: string, agent: string) =>
    (await answerTo(path, { 'user-agent': agent })).body.includes('\n  "');
  assert.equal(await indented(`${maps}/nope`, 'curl/8.5.0'), true);
  assert.equal(await indented(maps, 'Mozilla/5.0 (X11; Linux x86_64)'), true);
  assert.equal(await indented(`${maps}?pretty=false`, 'curl/8.5.0'), false);
  assert.equal(await indented(`${maps}?pretty=1`, 'kubectl/v1.36.0'), true);
  assert.equal(await indented(maps, 'kubectl/v1.36.0'), false);
});

test('lists and objects – used for each other – are rejected', async () => {
  const mediaType = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io';
  const answer = await answerTo(maps, { accept: mediaType });
  assert.equal(answer.status, 406);
  assert.match(
    answer.body,
    /you requested PartialObjectMetadata, but the requested object is a list \(\*core.ConfigMapList\)/,
  );
});

test('a request – for Endpoints – has a warning', async () => {
  const path = '/api/v1/namespaces/default/endpoints';
  const response = await server.transport.request({ method: 'GET', path, headers: {} });
  assert.equal(
    response.headers['warning'],
    '299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"',
  );
});

/** What a whole in-process server refuses, with which status and which words. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ApiRequest } from '#client/transport.ts';
import { startTestServer } from './testing-server.ts';

let server: Awaited<ReturnType<typeof startTestServer>>;
before(async () => {
  server = await startTestServer();
});
after(() => server.stop());

const maps = '/api/v1/namespaces/default/configmaps';

async function send(method: string, path: string, body?: unknown) {
  const request: ApiRequest = {
    method,
    path,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) }),
  };
  const response = await server.transport.request(request);
  const bytes = Buffer.concat([response.body as Uint8Array].flat());
  return { status: response.status, body: JSON.parse(bytes.toString()) };
}

const refused: [what: string, method: string, path: string, body: unknown, code: number, message: RegExp][] =
  [
    [
      'no such resource',
      'GET',
      '/api/v1/foos',
      undefined,
      404,
      /^the server could not find the requested resource$/,
    ],
    ['no such object', 'GET', `${maps}/nope`, undefined, 404, /^configmaps "nope" not found$/],
    [
      'other namespace',
      'POST',
      maps,
      { metadata: { name: 'a', namespace: 'b' } },
      400,
      /does not match the namespace sent/,
    ],
    [
      'no name',
      'POST',
      maps,
      {},
      422,
      /^ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required$/,
    ],
    [
      'a version at creation',
      'POST',
      maps,
      { metadata: { name: 'a', resourceVersion: '3' } },
      400,
      /resourceVersion should not be set/,
    ],
    [
      'wrong type',
      'POST',
      maps,
      { metadata: { name: 'a' }, data: 3 },
      400,
      /^ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number/,
    ],
    [
      'other kind',
      'POST',
      maps,
      { kind: 'Pod', metadata: { name: 'a' } },
      400,
      /Pod in version "v1" cannot be handled as a ConfigMap/,
    ],
    [
      'other version',
      'POST',
      maps,
      { apiVersion: 'v2', metadata: { name: 'a' } },
      400,
      /does not match the expected API version \(v1\)/,
    ],
    [
      'strict',
      'POST',
      `${maps}?fieldValidation=Strict`,
      { metadata: { name: 'a' }, foo: 1 },
      400,
      /strict decoding error: unknown field "foo"/,
    ],
    [
      'collection across namespaces',
      'POST',
      '/api/v1/configmaps',
      { metadata: { name: 'a' } },
      405,
      /does not allow this method/,
    ],
    [
      'match without revision',
      'GET',
      `${maps}?resourceVersionMatch=Exact`,
      undefined,
      422,
      /resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided/,
    ],
    ['bad revision', 'GET', `${maps}?resourceVersion=x`, undefined, 400, /Invalid value: "x"/],
    ['bad token', 'GET', `${maps}?limit=1&continue=x`, undefined, 400, /^continue key is not valid/],
    ['bad label selector', 'GET', `${maps}?labelSelector=a==`, undefined, 200, /^$/],
    [
      'unknown field',
      'GET',
      `${maps}?fieldSelector=spec.x=1`,
      undefined,
      400,
      /"spec.x" is not a known field selector/,
    ],
    [
      'unknown pod field',
      'GET',
      '/api/v1/pods?fieldSelector=spec.x=1',
      undefined,
      400,
      /^field label not supported: spec.x$/,
    ],
    ['dry run of another kind', 'POST', `${maps}?dryRun=x`, { metadata: { name: 'a' } }, 422, /dryRun/],
  ];

for (const [what, method, path, body, code, message] of refused) {
  test(what, async () => {
    const answer = await send(method, path, body);
    assert.equal(answer.status, code, JSON.stringify(answer.body));
    assert.match(answer.body.message ?? '', message);
  });
}

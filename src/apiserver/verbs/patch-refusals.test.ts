/** What is said of patches that cannot be read, do not fit, or make something else of the object. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { configMaps, deployments } from '#api/generated/kinds.gen.ts';
import { startTestServer, type TestServer } from '#testing/server/test-server.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
  await server.client.create(configMaps, { metadata: { name: 'a', namespace: 'default' }, data: { x: '1' } });
  await server.client.create(deployments, {
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'c', image: 'nginx' }] },
      },
    },
  });
});
after(() => server.stop());

const paths = {
  map: '/api/v1/namespaces/default/configmaps/a',
  web: '/apis/apps/v1/namespaces/default/deployments/web',
};
const types = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
};

async function patch(target: keyof typeof paths, type: keyof typeof types, body: unknown, query = '') {
  const response = await server.transport.request({
    method: 'PATCH',
    path: paths[target] + query,
    headers: { 'content-type': types[type] },
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  });
  const text = Buffer.concat([response.body as Uint8Array].flat()).toString();
  return { status: response.status, warning: response.headers['warning'], body: JSON.parse(text) };
}

const doesNotFit = 'the server rejected our request due to an error in our request';

const refused: [keyof typeof paths, keyof typeof types, body: unknown, code: number, message: string][] = [
  ['map', 'json', [{ op: 'remove', path: '/data/nope' }], 422, doesNotFit],
  ['map', 'json', [{ op: 'test', path: '/data/x', value: '2' }], 422, doesNotFit],
  ['map', 'json', [{ op: 'jump', path: '/data/x' }], 422, doesNotFit],
  ['map', 'merge', null, 400, 'Invalid JSON Patch'],
  [
    'map',
    'json',
    {},
    400,
    'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
  ],
  [
    'map',
    'json',
    '[{]',
    400,
    "error decoding patch: invalid character ']' looking for beginning of object key string",
  ],
  [
    'map',
    'json',
    [{ op: 5, path: '/a' }],
    400,
    'error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.op of type string',
  ],
  ['map', 'json', [{ op: 'replace', path: '', value: 'a' }], 422, doesNotFit],
  ['map', 'json', [{ op: 'replace', path: '', value: null }], 422, doesNotFit],
  ['map', 'json', [{ op: 'copy', from: '', path: '/a' }], 422, doesNotFit],
  ['map', 'merge', '{', 400, 'error decoding patch: unexpected end of JSON input'],
  [
    'map',
    'merge',
    [],
    400,
    'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}',
  ],
  ['map', 'strategic', '{', 400, 'unexpected end of JSON input'],
  ['map', 'strategic', { metadata: { $retainKeys: 5 } }, 400, 'invalid patch format of retainKeys'],
  [
    'map',
    'strategic',
    { data: { $patch: 'bogus' } },
    500,
    'unknown patch type: bogus in map: map[$patch:bogus]',
  ],
  [
    'web',
    'strategic',
    { spec: { template: { spec: { containers: [{ image: 'nokey' }] } } } },
    500,
    'map: map[image:nokey] does not contain declared merge key: name',
  ],
  [
    'web',
    'strategic',
    { spec: { template: { spec: { containers: [{ name: 'c', $patch: 'bogus' }] } } } },
    500,
    'unknown patch type: bogus in map: map[$patch:bogus name:c]',
  ],
  [
    'web',
    'strategic',
    { spec: { template: { spec: { containers: [5] } } } },
    500,
    'list element types are not identical: [[map[image:nginx imagePullPolicy:Always name:c resources:map[] terminationMessagePath:/dev/termination-log terminationMessagePolicy:File]] [5]]',
  ],
  ['map', 'strategic', { data: 'x' }, 422, misfit('map[data:x]', 'cannot restore map from string')],
  [
    'map',
    'strategic',
    { data: { x: 5 } },
    422,
    misfit('map[data:map[x:5]]', 'cannot convert int64 to string'),
  ],
  [
    'web',
    'strategic',
    { spec: { replicas: 'two' } },
    422,
    misfit('map[spec:map[replicas:two]]', 'unrecognized type: int32'),
  ],
  [
    'web',
    'strategic',
    { spec: { template: { spec: { containers: {} } } } },
    422,
    misfit('map[spec:map[template:map[spec:map[containers:map[]]]]]', 'cannot restore slice from map'),
  ],
  [
    'web',
    'strategic',
    {
      spec: {
        template: { spec: { containers: [{ name: 'c', image: true }], restartPolicy: 5 } },
        replicas: 'x',
      },
    },
    422,
    misfit(
      'map[spec:map[replicas:x template:map[spec:map[containers:[map[image:true name:c]] restartPolicy:5]]]]',
      'unrecognized type: int32',
    ),
  ],
  [
    'web',
    'strategic',
    { kind: 5, spec: { replicas: 'x' } },
    422,
    misfit('map[kind:5 spec:map[replicas:x]]', 'cannot convert int64 to string'),
  ],
  [
    'web',
    'strategic',
    { spec: { '$setElementOrder/containers': [] } },
    500,
    'unable to find api field in struct DeploymentSpec for the json field "containers"',
  ],
  [
    'web',
    'strategic',
    { spec: { template: { metadata: { labels: { '$setElementOrder/a': [] } } } } },
    500,
    'merging an object in json but data type is not struct, instead is: map',
  ],
  [
    'map',
    'merge',
    { metadata: { namespace: 'b' } },
    400,
    'the namespace of the provided object does not match the namespace sent on the request',
  ],
  [
    'map',
    'merge',
    { metadata: { uid: 'b' } },
    422,
    'ConfigMap "a" is invalid: metadata.uid: Invalid value: "b": field is immutable',
  ],
  [
    'map',
    'merge',
    { metadata: { name: 'b' } },
    400,
    'the name of the object (b) does not match the name on the URL (a)',
  ],
];

function misfit(shown: string, why: string): string {
  return ` "" is invalid: patch: Invalid value: "${shown}": ${why}`;
}

for (const [target, type, body, code, message] of refused) {
  test(`a ${type} patch – ${JSON.stringify(body)} – is answered as upstream does`, async () => {
    const answer = await patch(target, type, body);
    assert.deepEqual([answer.status, answer.body.message], [code, message]);
  });
}

test('a JSON patch – with an invalid result – is rejected with that result', async () => {
  const { status, body } = await patch('map', 'json', [{ op: 'replace', path: '/data/x', value: 3 }]);
  assert.equal(status, 422);
  const [cause] = body.details.causes;
  assert.deepEqual(Object.keys(body.details), ['causes']);
  assert.equal(cause.field, 'patch');
  assert.match(
    cause.message,
    /^Invalid value: "\{.*\\"x\\":3.*\}": json: cannot unmarshal number into Go struct field ConfigMap.data of type string$/,
  );
});

describe('the outcome of a patch – that is refused – is shown with sorted keys where the patch has changed it, in Go’s order elsewhere', () => {
  const untouched =
    '{"name":"a","namespace":"default","uid":"U","resourceVersion":"R","creationTimestamp":"T","managedFields":[M]}';
  const touched =
    '{"creationTimestamp":"T","foo":1,"labels":{"a":"b","q":"\\u003cr\\u003e"},"managedFields":[M],"name":"a","namespace":"default","resourceVersion":"R","uid":"U"}';
  const labels = { q: '<r>', a: 'b' };
  const cases: [type: keyof typeof types, body: unknown, shown: string][] = [
    [
      'merge',
      { zzz: 1 },
      `{"apiVersion":"v1","data":{"x":"1"},"kind":"ConfigMap","metadata":${untouched},"zzz":1}`,
    ],
    [
      'merge',
      { zzz: { b: 1, a: 2 }, metadata: { foo: 1, labels } },
      `{"apiVersion":"v1","data":{"x":"1"},"kind":"ConfigMap","metadata":${touched},"zzz":{"a":2,"b":1}}`,
    ],
    [
      'json',
      [
        { op: 'add', path: '/zzz', value: { b: 1, a: 2 } },
        { op: 'add', path: '/metadata/foo', value: 1 },
        { op: 'add', path: '/metadata/labels', value: { a: 'b', q: '<r>' } },
      ],
      `{"apiVersion":"v1","data":{"x":"1"},"kind":"ConfigMap","metadata":${touched},"zzz":{"b":1,"a":2}}`,
    ],
  ];
  for (const [type, body, shown] of cases) {
    test(`${type}: ${JSON.stringify(body)}`, async () => {
      const answer = await patch('map', type, body, '?fieldValidation=Strict');
      assert.equal(answer.status, 422);
      const [, found] = /Invalid value: (".*"): strict decoding error/.exec(answer.body.message) ?? [];
      const plain = (JSON.parse(found!) as string)
        .replace(/"managedFields":\[.*?\}\]/, '"managedFields":[M]')
        .replace(/("uid":")[^"]*/, '$1U')
        .replace(/("resourceVersion":")[^"]*/, '$1R')
        .replace(/("creationTimestamp":")[^"]*/, '$1T');
      assert.equal(plain, shown);
    });
  }
});

describe('a patch – whose fields are not validated – is read by the patch library alone', () => {
  const cases: [type: keyof typeof types, body: unknown, code: number, message: string][] = [
    ['json', '[{]', 400, "invalid character ']' looking for beginning of object key string"],
    ['json', [{ op: 5, path: '/a' }], 422, doesNotFit],
    ['json', [5], 400, 'json: cannot unmarshal number into Go value of type jsonpatch.Operation'],
    ['merge', '{', 400, 'Invalid JSON Patch'],
    ['merge', '5', 400, 'Invalid JSON Patch'],
  ];
  for (const [type, body, code, message] of cases) {
    test(`${type}: ${JSON.stringify(body)}`, async () => {
      const answer = await patch('map', type, body, '?fieldValidation=Ignore');
      assert.deepEqual([answer.status, answer.body.message], [code, message]);
    });
  }
});

test('unknown and duplicate fields of a patch – by field validation – cause warnings or an error', async () => {
  const text = '{"data":{"x":"1","x":"1"},"foo":1}';
  const strict = await patch('map', 'merge', text, '?fieldValidation=Strict');
  assert.equal(strict.status, 422);
  assert.match(
    strict.body.message,
    /: strict decoding error: duplicate field "data.x", unknown field "foo"$/,
  );
  const warned = await patch('map', 'merge', text);
  assert.equal(warned.status, 200);
  assert.equal(warned.warning, '299 - "duplicate field \\"data.x\\"", 299 - "unknown field \\"foo\\""');
  assert.equal((await patch('map', 'merge', text, '?fieldValidation=Ignore')).warning, undefined);
});

test('unknown fields of a strategic patch – with odd names – are reported sorted, and without escapes', async () => {
  const { body } = await patch('map', 'strategic', { z: 1, 'a\tb': 2 }, '?fieldValidation=Strict');
  assert.match(body.message, /: strict decoding error: unknown field "a\tb", unknown field "z"$/);
});

test('fields of a JSON patch – that no operation has – are reported as well', async () => {
  const text = '[{"op":"test","op":"test","path":"/data/x","value":"1","foo":1}]';
  const { status, warning } = await patch('map', 'json', text);
  assert.equal(status, 200);
  assert.equal(
    warning,
    '299 - "json patch duplicate field \\"[0].op\\"", 299 - "json patch unknown field \\"[0].foo\\""',
  );
});

test('a patch – of a missing object – is a 404 before it is read', async () => {
  const headers = { 'content-type': types.json };
  const path = '/api/v1/namespaces/default/configmaps/nope';
  const { status } = await server.transport.request({
    method: 'PATCH',
    path,
    headers,
    body: Buffer.from('{'),
  });
  assert.equal(status, 404);
});

test('a patch – of a type that no patch has – is a 415', async (t) => {
  for (const type of ['application/apply-patch+cbor', 'application/apply-patch+json', 'text/plain']) {
    await t.test(type, async () => {
      const request = {
        method: 'PATCH',
        path: paths.map,
        headers: { 'content-type': type },
        body: Buffer.from('{}'),
      };
      const response = await server.transport.request(request);
      const { message } = JSON.parse(Buffer.from(response.body as Uint8Array).toString());
      assert.deepEqual([response.status, message], [415, '415: Unsupported Media Type']);
    });
  }
});

test('a strategic patch – that names another kind – leaves the kind as it is', async () => {
  const { status, body } = await patch('map', 'strategic', { kind: 'Secret', apiVersion: 'v9' });
  assert.deepEqual([status, body.kind, body.apiVersion], [200, 'ConfigMap', 'v1']);
});

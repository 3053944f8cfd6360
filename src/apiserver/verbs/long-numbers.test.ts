/** Numbers that doubles do not hold are kept with all digits or refused, in every kind of body; they are never rounded. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestServer } from '#testing/server/test-server.ts';

const revisions = '/apis/apps/v1/namespaces/default/controllerrevisions';
const claims = '/apis/resource.k8s.io/v1/namespaces/default/resourceclaims';
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const pods = '/api/v1/namespaces/default/pods';

const json = 'application/json';
const yaml = 'application/yaml';
const merge = 'application/merge-patch+json';
const strategic = 'application/strategic-merge-patch+json';
const jsonPatch = 'application/json-patch+json';
const apply = 'application/apply-patch+yaml';

async function serverWithRevision() {
  const server = await startTestServer();
  const send = async (method: string, path: string, type: string, body: string) => {
    const request = { method, path, headers: { 'content-type': type }, body: Buffer.from(body) };
    const answer = await server.transport.request(request);
    return {
      status: answer.status,
      text: Buffer.concat([answer.body as Uint8Array].flat()).toString(),
    };
  };
  await send('POST', '/api/v1/namespaces', json, '{"metadata":{"name":"default"}}');
  await send('POST', revisions, json, '{"metadata":{"name":"old"},"revision":1,"data":{}}');
  return { send, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

const revisionText = (number: string) => `{"metadata":{"name":"r"},"revision":1,"data":{"a":${number}}}`;
const claimText = (number: string) =>
  `{"metadata":{"name":"c"},"spec":{"devices":{"config":[{"opaque":{"driver":"d.example.com","parameters":{"a":${number}}}}],"requests":[{"name":"r","exactly":{"deviceClassName":"c"}}]}}}`;
const definitionText = (number: string) =>
  `{"metadata":{"name":"ds.example.com"},"spec":{"group":"example.com","scope":"Cluster","names":{"plural":"ds","kind":"D"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"a":{"type":"number","default":${number}}}}}}]}}`;
const podText = (field: string, number: string) =>
  `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{${field}:${number},"containers":[{"name":"c","image":"i"}]}}`;
const withMemory = (number: string) =>
  `{metadata: {name: p}, spec: {containers: [{name: c, image: i, resources: {limits: {memory: ${number}}}}]}}`;
const asYaml = (text: string) => text.replaceAll(/[:,]/g, '$& ');

const longNumbers = [
  '9223372036854775807',
  '-9223372036854775808',
  '1152921504606846976',
  '9007199254740993',
];

for (const [what, path, body] of [
  ['data of a revision', revisions, revisionText],
  ['parameters of a claim', claims, claimText],
  ["a schema's default", definitions, definitionText],
] as const) {
  for (const [type, form] of [
    [json, (text: string) => text],
    [yaml, asYaml],
  ] as const) {
    test(`integers of 64 bits – ${what}, as ${type} – are answered and stored with all digits`, async () => {
      for (const number of longNumbers) {
        await using server = await serverWithRevision();
        const created = await server.send('POST', path, type, form(body(number)));
        assert.equal(created.status, 201, created.text);
        assert.ok(created.text.includes(`:${number}`), created.text);
        const { name } = (JSON.parse(created.text) as { metadata: { name: string } }).metadata;
        const read = await server.send('GET', `${path}/${name}`, json, '');
        assert.ok(read.text.includes(`:${number}`), read.text);
      }
    });
  }
}

for (const [type, body] of [
  [merge, (number: string) => `{"data":{"a":${number}}}`],
  [strategic, (number: string) => `{"data":{"a":${number}}}`],
  [jsonPatch, (number: string) => `[{"op":"add","path":"/data/a","value":${number}}]`],
  [
    jsonPatch,
    (number: string) =>
      `[{"op":"add","path":"/data","value":{"b":${number}}},{"op":"copy","from":"/data/b","path":"/data/a"}]`,
  ],
] as const) {
  test(`integers of 64 bits – in a patch of data, ${body('1')} – have all digits when they are refused`, async () => {
    await using server = await serverWithRevision();
    for (const number of longNumbers) {
      const { status, text } = await server.send('PATCH', `${revisions}/old`, type, body(number));
      assert.equal(status, 422);
      assert.ok(text.includes(`\\"a\\":${number}`), text);
    }
  });
}

for (const [what, method, path, type, body] of [
  ['created', 'POST', pods, json, podText('"terminationGracePeriodSeconds"', '9007199254740993')],
  [
    'created as YAML',
    'POST',
    pods,
    yaml,
    asYaml(podText('terminationGracePeriodSeconds', '9007199254740993')),
  ],
  [
    'applied',
    'PATCH',
    `${pods}/p?fieldManager=m`,
    apply,
    podText('"terminationGracePeriodSeconds"', '9007199254740993'),
  ],
  ['merged', 'PATCH', `${revisions}/old`, merge, '{"revision":9223372036854775807}'],
  [
    'patched',
    'PATCH',
    `${revisions}/old`,
    jsonPatch,
    '[{"op":"add","path":"/revision","value":-9223372036854775808}]',
  ],
  ['merged by type', 'PATCH', `${revisions}/old`, strategic, '{"revision":1152921504606846976}'],
] as const) {
  test(`an integer that a double does not hold – ${what} in a typed field – is refused, not rounded`, async () => {
    await using server = await serverWithRevision();
    const { status, text } = await server.send(method, path, type, body);
    assert.ok(status >= 400, text);
    assert.match(text, /integers beyond 9007199254740991 are not kept exactly/);
  });
}

test('an amount in YAML – of more digits than a double has – is exact', async () => {
  await using server = await serverWithRevision();
  const { text } = await server.send('POST', pods, yaml, withMemory('1152921504606846976'));
  assert.match(text, /"limits":\{"memory":"1152921504606846976"\}/);
});

const huge = `1${'0'.repeat(250)}e99`;

for (const [what, method, path, type, body, says] of [
  ['data of a revision', 'POST', revisions, json, revisionText(huge), /of type float64/],
  [
    "a schema's default",
    'POST',
    definitions,
    json,
    definitionText('1e400'),
    /number 1e400 into Go value of type/,
  ],
  ['parameters of a claim', 'POST', claims, json, claimText('-1e400'), /number -1e400 into Go value of type/],
  [
    'a merge patch',
    'PATCH',
    `${revisions}/old`,
    merge,
    '{"data":{"a":1e400}}',
    /error decoding patch: json: cannot unmarshal number 1e400 into Go value of type float64/,
  ],
  [
    'a strategic patch',
    'PATCH',
    `${revisions}/old`,
    strategic,
    '{"data":{"a":1e400}}',
    /"json: cannot unmarshal number 1e400 into Go value of type float64/,
  ],
  [
    'a JSON patch',
    'PATCH',
    `${revisions}/old`,
    jsonPatch,
    '[{"op":"add","path":"/data/a","value":1e400}]',
    /error decoding patch: json: cannot unmarshal number 1e400 into Go struct field jsonPatchOp.value of type float64/,
  ],
] as const) {
  test(`a number beyond all doubles – in ${what} – is refused, not stored as null`, async () => {
    await using server = await serverWithRevision();
    const answer = await server.send(method, path, type, body);
    assert.match(answer.text, says);
    assert.equal(answer.status, 400);
  });
}

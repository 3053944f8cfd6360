/** The forms of the documents that say what a server is and serves. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aggregatedType, discoverySchema } from '#api/discovery/discovery-schema.ts';
import { ProtobufDecoder } from '#api/protobuf/decode.ts';
import { ProtobufEncoder } from '#api/protobuf/encode.ts';
import { unwrapEnvelope } from '#api/protobuf/envelope.ts';
import { loadSchema } from '#api/schema/load-schema.ts';
import { bodyBytes, bodyText } from '#client/transport/body.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { toYaml } from '#wire/yaml/write/to-yaml.ts';

const discovery = ['/api', '/api/v1', '/apis', '/apis/apps', '/apis/apps/v1'];

test('a document of discovery – for curl or in YAML – is indented or YAML, and one line of JSON for programs', async () => {
  await using api = await startTestServer();
  const get = async (path: string, headers: Record<string, string>) => {
    const response = await api.transport.request({ method: 'GET', path, headers });
    return { type: response.headers['content-type'], text: await bodyText(response) };
  };
  for (const path of discovery) {
    const plain = await get(path, {});
    const document = JSON.parse(plain.text);
    assert.equal(plain.text, JSON.stringify(document));
    const indented = { type: 'application/json', text: JSON.stringify(document, undefined, 2) };
    assert.deepEqual(await get(path, { 'user-agent': 'curl/8.5.0' }), indented);
    assert.deepEqual(await get(`${path}?pretty=true`, {}), indented);
    const yaml = await get(path, { accept: 'application/yaml' });
    assert.equal(yaml.type, 'application/yaml');
    assert.equal(yaml.text, toYaml(document));
  }
  for (const path of ['/', '/version']) {
    const { text } = await get(path, {});
    assert.equal(text, JSON.stringify(JSON.parse(text), undefined, 2));
  }
});

const metaPrefix = 'io.k8s.apimachinery.pkg.apis.meta.v1.';
const aggregated = ';g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const protobufType = 'application/vnd.kubernetes.protobuf';

test('a document of discovery – in protobuf – says what it says in JSON', async () => {
  await using api = await startTestServer({ setup: 'kubernetes' });
  const decoder = new ProtobufDecoder(discoverySchema());
  const get = (path: string, accept: string) =>
    api.transport.request({ method: 'GET', path, headers: { accept } });
  for (const [path, parameters] of [
    ...discovery.map((each) => [each, ''] as const),
    ['/api', aggregated] as const,
    ['/apis', aggregated] as const,
  ]) {
    const {
      kind,
      apiVersion = '',
      ...document
    } = JSON.parse(await bodyText(await get(path, `application/json${parameters}`)));
    const response = await get(path, protobufType + parameters);
    assert.equal(response.headers['content-type'], protobufType + parameters);
    const envelope = unwrapEnvelope(await bodyBytes(response));
    assert.deepEqual([envelope.kind, envelope.apiVersion], [kind, apiVersion], path);
    const type = parameters === '' ? metaPrefix + kind : aggregatedType;
    assert.deepEqual(decoder.decode(type, envelope.raw), document, path);
  }
});

test('a resource of discovery – in protobuf – is the bytes that Go writes: its verbs are a message', () => {
  const object = { name: 'pods', namespaced: true, kind: 'Pod', verbs: ['get', 'list'], singularName: 'pod' };
  const encoded = new ProtobufEncoder(loadSchema()).encode(`${metaPrefix}APIResource`, object);
  const sorted = ['0a04706f6473', '1001', '1a03506f64', '220b0a036765740a046c697374', '3203706f64'];
  const text = Buffer.from(encoded).toString('hex');
  for (const field of sorted) assert.ok(text.includes(field), `${field} in ${text}`);
  assert.equal(text.length, sorted.join('').length);
  const decoder = new ProtobufDecoder(loadSchema());
  assert.deepEqual(decoder.decode(`${metaPrefix}APIResource`, Buffer.from(sorted.join(''), 'hex')), object);
});

test('aggregated discovery – in YAML, indented, or behind another form – is negotiated in the order of Accept', async () => {
  await using api = await startTestServer();
  const get = async (accept: string, path = '/apis') => {
    const response = await api.transport.request({ method: 'GET', path, headers: { accept } });
    const { status, headers } = response;
    return { status, type: headers['content-type'], etag: headers['etag'], text: await bodyText(response) };
  };
  const json = await get(`application/json${aggregated}`);
  const yaml = await get(`application/yaml${aggregated}`);
  assert.deepEqual([yaml.type, yaml.etag], [`application/yaml${aggregated}`, json.etag]);
  assert.equal(yaml.text, toYaml(JSON.parse(json.text)));
  const indented = await get(`application/json${aggregated}`, '/apis?pretty=1');
  assert.equal(indented.text, JSON.stringify(JSON.parse(json.text), undefined, 2));
  const older = 'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList';
  assert.equal((await get(older)).status, 406);
  assert.equal((await get(`${older},application/json${aggregated}`)).etag, json.etag);
  assert.equal(
    JSON.parse((await get(`application/json,application/json${aggregated}`)).text).kind,
    'APIGroupList',
  );
});

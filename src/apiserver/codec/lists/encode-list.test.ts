/**
 * Large lists over a whole in-process server: what is sent in segments reads like what is written in one
 * piece.
 */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { configMaps } from '#api/generated/kinds.gen.ts';
import type { AnyObject } from '#api/meta/object.ts';
import { ProtobufDecoder } from '#api/protobuf/decode.ts';
import { unwrapEnvelope } from '#api/protobuf/envelope.ts';
import { loadSchema } from '#api/schema/load-schema.ts';
import { bodyBytes, isStream } from '#client/transport/body.ts';
import { startTestServer, type TestServer } from '#testing/server/test-server.ts';
import { readYaml } from '#wire/yaml/read.ts';
import { toYaml } from '#wire/yaml/write/to-yaml.ts';

let server: TestServer;
const count = 150;
const path = '/api/v1/namespaces/many/configmaps';

before(async () => {
  server = await startTestServer();
  for (let i = 0; i < count; i++) {
    const name = `m${String(i).padStart(4, '0')}`;
    const labels = { parity: i % 2 === 0 ? 'even' : 'odd' };
    const data = { text: 'x'.repeat(4000), mark: `${i}: "yes"` };
    await server.client.create(configMaps, { metadata: { name, namespace: 'many', labels }, data });
  }
  await server.client.create(configMaps, { metadata: { name: 'only', namespace: 'one' } });
});
after(() => server.stop());

async function get(url: string, headers: Record<string, string> = {}) {
  const response = await server.transport.request({ method: 'GET', path: url, headers });
  assert.equal(response.status, 200);
  return { inSegments: isStream(response.body), headers: response.headers, bytes: await bodyBytes(response) };
}

interface List extends AnyObject {
  items: AnyObject[];
  rows?: { cells: unknown[] }[];
}

const names = (list: List) => (list.items ?? []).map((item) => item.metadata!.name);
const everyName = Array.from({ length: count }, (_, i) => `m${String(i).padStart(4, '0')}`);
const shape = (as: string) => `application/json;as=${as};v=v1;g=meta.k8s.io`;

test('JSON – many – in segments that are one document; one or none – at once', async (t) => {
  const many = await get(path);
  const list = JSON.parse(many.bytes.toString()) as List;
  assert.deepEqual([many.inSegments, list.kind, names(list)], [true, 'ConfigMapList', everyName]);
  assert.equal(many.bytes.toString(), `${JSON.stringify(list)}\n`);
  assert.equal(many.headers['content-length'], String(many.bytes.length));
  for (const [namespace, expected] of [
    ['one', ['only']],
    ['none', []],
  ] as const) {
    await t.test(namespace, async () => {
      const few = await get(`/api/v1/namespaces/${namespace}/configmaps`);
      assert.equal(few.inSegments, false);
      assert.deepEqual(names(JSON.parse(few.bytes.toString())), expected);
    });
  }
});

test('the metadata of many – in JSON – is what their objects have, whatever their strings hold', async () => {
  const annotations = { brackets: '}]"\\', quoted: '{"a":{}}' };
  await server.client.create(configMaps, { metadata: { name: 'cut', namespace: 'cut', annotations } });
  for (const namespace of ['many', 'cut', 'none']) {
    const url = `/api/v1/namespaces/${namespace}/configmaps`;
    const whole = JSON.parse((await get(url)).bytes.toString()) as List;
    const { bytes } = await get(url, { accept: shape('PartialObjectMetadataList') });
    const cut = JSON.parse(bytes.toString()) as List;
    assert.deepEqual(cut.metadata, whole.metadata);
    assert.deepEqual(
      cut.items,
      whole.items.map(({ metadata }) => ({
        kind: 'PartialObjectMetadata',
        apiVersion: 'meta.k8s.io/v1',
        metadata,
      })),
    );
  }
});

describe('indented JSON – many, one, none – as one document would be indented', () => {
  for (const namespace of ['many', 'one', 'none']) {
    test(namespace, async () => {
      const { bytes } = await get(`/api/v1/namespaces/${namespace}/configmaps?pretty=true`);
      assert.equal(bytes.toString(), JSON.stringify(JSON.parse(bytes.toString()), undefined, 2));
    });
  }
});

describe('YAML – many, one, none – as one document would be written', () => {
  for (const namespace of ['many', 'one', 'none']) {
    test(namespace, async () => {
      const { bytes } = await get(`/api/v1/namespaces/${namespace}/configmaps`, {
        accept: 'application/yaml',
      });
      const list = readYaml(bytes).value as List;
      assert.equal(bytes.toString(), toYaml(list));
      if (namespace === 'many') assert.deepEqual(names(list), everyName);
    });
  }
});

describe('protobuf – many, one, none – an envelope whose length is true', () => {
  const decoder = new ProtobufDecoder(loadSchema());
  for (const namespace of ['many', 'one', 'none']) {
    test(namespace, async () => {
      const url = `/api/v1/namespaces/${namespace}/configmaps`;
      const { bytes } = await get(url, { accept: 'application/vnd.kubernetes.protobuf' });
      const { kind, raw } = unwrapEnvelope(bytes);
      const list = decoder.decode('io.k8s.api.core.v1.ConfigMapList', raw) as unknown as List;
      const json = JSON.parse((await get(url)).bytes.toString()) as List;
      assert.equal(kind, 'ConfigMapList');
      assert.deepEqual(
        [names(list), list.metadata!.resourceVersion],
        [names(json), json.metadata!.resourceVersion],
      );
    });
  }
});

test('tables and metadata – many – a row or an item each, in JSON and in protobuf', async () => {
  const table = JSON.parse((await get(path, { accept: shape('Table') })).bytes.toString()) as List;
  assert.deepEqual(
    table.rows!.map(({ cells }) => cells[0]),
    everyName,
  );
  const accept = shape('PartialObjectMetadataList');
  const partial = JSON.parse((await get(path, { accept })).bytes.toString()) as List;
  assert.deepEqual(names(partial), everyName);
  const protobuf = await get(path, { accept: accept.replace('json', 'vnd.kubernetes.protobuf') });
  const { kind, apiVersion, raw } = unwrapEnvelope(protobuf.bytes);
  assert.deepEqual([kind, apiVersion], ['PartialObjectMetadataList', 'meta.k8s.io/v1']);
  // Both kinds of list keep their items in field 2, and both kinds of item their metadata in field 1.
  const list = new ProtobufDecoder(loadSchema()).decode('io.k8s.api.core.v1.ConfigMapList', raw);
  assert.deepEqual(names(list as unknown as List), everyName);
});

test('gzip – many – one member that holds the same document', async () => {
  const { headers, bytes } = await get(path, { 'accept-encoding': 'gzip' });
  assert.equal(headers['content-encoding'], 'gzip');
  const plain = await get(path);
  assert.equal(gunzipSync(bytes).toString(), plain.bytes.toString());
  assert.ok(bytes.length < plain.bytes.length / 10);
});

test('selected by label, in pages, from history – many – those that are meant', async () => {
  const even = everyName.filter((_, i) => i % 2 === 0);
  const selected = await get(`${path}?labelSelector=parity%3Deven`);
  assert.deepEqual(names(JSON.parse(selected.bytes.toString())), even);
  const first = JSON.parse(
    (await get(`${path}?labelSelector=parity%3Deven&limit=70`)).bytes.toString(),
  ) as List;
  await server.client.create(configMaps, {
    metadata: { name: 'm9999', namespace: 'many', labels: { parity: 'even' } },
  });
  const token = (first.metadata as { continue?: string }).continue;
  const rest = JSON.parse(
    (await get(`${path}?labelSelector=parity%3Deven&limit=70&continue=${token}`)).bytes.toString(),
  ) as List;
  assert.deepEqual([...names(first), ...names(rest)], even);
  await server.client.delete(configMaps, { namespace: 'many', name: 'm9999' });
});

test('a large list – other work is waiting – gets its turns between the segments', async () => {
  let turns = 0;
  let isOver = false;
  const turn = () => {
    turns++;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  await get(path, { accept: 'application/yaml' });
  isOver = true;
  // 150 objects of 4 kB, some 8 kB a step.
  assert.ok(turns >= 50, `${turns} turns`);
});

/** The forms of the documents that say what a server is and serves. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodyText } from '#client/transport/body.ts';
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

/** Resources that `runtimeConfig` switches off, as callers over the network and the server's own parts see them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jobs } from '#api/generated/kinds.gen.ts';
import { bodyText } from '#client/transport/body.ts';
import { httpsTransport } from '#client/transport/https.ts';
import { startTestServer } from '#testing/server/test-server.ts';

test('a resource – switched off by runtimeConfig – is not found nor discovered, but for the own parts of the server', async (t) => {
  const configuration = { runtimeConfig: { 'batch/v1': false, 'apps/v1/daemonsets': false } };
  await using api = await startTestServer({ setup: 'kubernetes', https: true, configuration });
  const { certPem: cert, keyPem: key } = api.pki.admin();
  const transport = httpsTransport({ server: api.url, ca: api.pki.ca.certPem, cert, key });
  t.after(() => transport.close?.());
  const get = async (path: string) => {
    const answer = await transport.request({ method: 'GET', path, headers: {} });
    return { code: answer.status, text: await bodyText(answer) };
  };
  const noPage = { code: 404, text: '404 page not found\n' };
  assert.deepEqual(await get('/apis/batch/v1/jobs'), noPage);
  assert.deepEqual(await get('/apis/batch/v1'), noPage);
  assert.deepEqual(await get('/apis/batch'), noPage);
  const daemonSets = await get('/apis/apps/v1/daemonsets');
  assert.equal(JSON.parse(daemonSets.text).message, 'the server could not find the requested resource');
  const { resources } = JSON.parse((await get('/apis/apps/v1')).text) as { resources: { name: string }[] };
  const names = resources.map(({ name }) => name);
  assert.deepEqual([names.includes('deployments'), names.includes('daemonsets')], [true, false]);
  const groups = (await get('/apis')).text;
  assert.deepEqual([groups.includes('"apps"'), groups.includes('"batch"')], [true, false]);
  const { paths } = JSON.parse((await get('/openapi/v2')).text) as { paths: object };
  assert.equal(
    Object.keys(paths).some((path) => path.includes('/daemonsets') || path.includes('/batch/')),
    false,
  );
  assert.equal((await get('/apis/apiregistration.k8s.io/v1/apiservices/v1.batch')).code, 404);
  assert.deepEqual((await api.client.list(jobs)).items, []);
});

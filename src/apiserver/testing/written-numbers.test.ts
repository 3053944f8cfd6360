/**
 * Numbers of a body that JavaScript would spell or hold in another way: as upstream, or refused, but never
 * another number.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startTestServer } from './server.ts';

let server: Awaited<ReturnType<typeof startTestServer>>;
before(async () => {
  server = await startTestServer();
});
after(() => server.stop());

const quotas = '/api/v1/namespaces/default/resourcequotas';
const jobs = '/apis/batch/v1/namespaces/default/jobs';

async function send(method: string, path: string, body: string, type = 'application/json') {
  const request = { method, path, headers: { 'content-type': type }, body: Buffer.from(body) };
  const response = await server.transport.request(request);
  const text = Buffer.concat([response.body as Uint8Array].flat()).toString();
  return { status: response.status, text, object: JSON.parse(text) };
}

const quota = (name: string, cpu: string) => `{"metadata":{"name":"${name}"},"spec":{"hard":{"cpu":${cpu}}}}`;

/** What apimachinery v0.36.3 makes of each. */
const amounts = [
  ['0.10', '100m'],
  ['1.500', '1.500'],
  ['1.5', '1500m'],
  ['1e3', '1e3'],
  ['1.0', '1'],
  ['1E2', '100'],
  ['1.25e2', '1.25e2'],
  ['0.1e1', '1'],
  ['-0', '0'],
  ['10e18', '10e18'],
  ['1E400', '10e399'],
  ['100000000000000000000', '100E'],
  ['12345678901234567891', '12345678901234567891'],
] as const;

test('a quantity as a bare number – created and merged – is spelled as Go spells it', async () => {
  for (const [i, [written, wanted]] of amounts.entries()) {
    const { status, object, text } = await send('POST', quotas, quota(`q${i}`, written));
    assert.deepEqual([status, object.spec?.hard.cpu], [201, wanted], `${written}: ${text}`);
    const merged = await send(
      'PATCH',
      `${quotas}/q${i}`,
      `{"spec":{"hard":{"memory":${written}}}}`,
      'application/merge-patch+json',
    );
    assert.deepEqual(
      [merged.status, merged.object.spec?.hard.memory],
      [200, wanted],
      `${written}: ${merged.text}`,
    );
  }
});

const job = (name: string, seconds: string) =>
  `{"metadata":{"name":"${name}"},"spec":{"activeDeadlineSeconds":${seconds},"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}}`;

test('a long integer that a double holds – is kept', async () => {
  for (const seconds of ['9007199254740991', '9007199254740994']) {
    const { status, text } = await send('POST', jobs, job(`j${seconds}`, seconds));
    assert.equal(status, 201, text);
    assert.match(text, new RegExp(`"activeDeadlineSeconds":${seconds}\\b`));
  }
});

test('a long integer that no double holds – each way in – is refused, with the number that was sent', async () => {
  await send('POST', jobs, job('old', '1'));
  for (const seconds of ['9007199254740993', '9223372036854775807', '-9007199254740993']) {
    const patch = `{"spec":{"activeDeadlineSeconds":${seconds}}}`;
    const operations = `[{"op":"replace","path":"/spec/activeDeadlineSeconds","value":${seconds}}]`;
    for (const [method, path, body, type] of [
      ['POST', jobs, job('new', seconds), 'application/json'],
      ['PUT', `${jobs}/old`, job('old', seconds), 'application/json'],
      ['PATCH', `${jobs}/old`, patch, 'application/merge-patch+json'],
      ['PATCH', `${jobs}/old`, patch, 'application/strategic-merge-patch+json'],
      ['PATCH', `${jobs}/old`, operations, 'application/json-patch+json'],
    ] as const) {
      const { status, text } = await send(method, path, body, type);
      assert.ok(status === 400 || status === 422, `${type}: ${status} ${text}`);
      assert.match(
        text,
        new RegExp(`number ${seconds} into Go struct field .*activeDeadlineSeconds of type int64`),
      );
    }
    const yaml = await send('POST', jobs, job('new', seconds), 'application/yaml');
    assert.equal(yaml.status, 400, yaml.text);
  }
});

test('a number beyond all doubles – where a quantity is, where an integer is – is judged as it was written', async () => {
  const { status, text } = await send('POST', jobs, job('new', '1E400'));
  assert.equal(status, 400, text);
  assert.match(text, /cannot unmarshal number 1E400 into/);
});

/**
 * Numbers of a body that JavaScript would spell or hold in another way: as upstream, or refused, but never
 * another number.
 */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startTestServer } from '#testing/server/test-server.ts';

const server = await startTestServer();
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
  ['100000000000000000000', '100E'],
  ['12345678901234567891', '12345678901234567891'],
] as const;

describe('a quantity as a bare number – created and merged – is spelled as Go spells it', () => {
  for (const [i, [written, wanted]] of amounts.entries()) {
    test(written, async () => {
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
    });
  }
});

const job = (name: string, seconds: string) =>
  `{"metadata":{"name":"${name}"},"spec":{"activeDeadlineSeconds":${seconds},"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}}`;

test('a quantity as a bare number – beyond all doubles – is created, and refused in a merge patch, which Go decodes untyped', async () => {
  const created = await send('POST', quotas, quota('huge', '1E400'));
  assert.deepEqual([created.status, created.object.spec?.hard.cpu], [201, '10e399']);
  const patch = '{"spec":{"hard":{"memory":1E400}}}';
  const merged = await send('PATCH', `${quotas}/huge`, patch, 'application/merge-patch+json');
  assert.deepEqual(
    [merged.status, merged.object.message],
    [400, 'error decoding patch: json: cannot unmarshal number 1E400 into Go value of type float64'],
  );
});

describe('a long integer – that a double holds – is kept', () => {
  for (const seconds of ['9007199254740991', '9007199254740994']) {
    test(seconds, async () => {
      const { status, text } = await send('POST', jobs, job(`j${seconds}`, seconds));
      assert.equal(status, 201);
      assert.match(text, new RegExp(`"activeDeadlineSeconds":${seconds}\\b`));
    });
  }
});

/** What the parser says: in a patch, the object or the patch stands before it. */
const parserText = (message: string) => message.slice(message.indexOf('json: '));

describe('a long integer that no double holds – each way in – is refused, with the number that was sent', () => {
  before(() => send('POST', jobs, job('old', '1')));
  for (const seconds of ['9007199254740993', '9223372036854775807', '-9007199254740993']) {
    const patch = `{"spec":{"activeDeadlineSeconds":${seconds}}}`;
    const operations = `[{"op":"replace","path":"/spec/activeDeadlineSeconds","value":${seconds}}]`;
    for (const [code, method, path, body, type] of [
      [400, 'POST', jobs, job('new', seconds), 'application/json'],
      [400, 'PUT', `${jobs}/old`, job('old', seconds), 'application/json'],
      [422, 'PATCH', `${jobs}/old`, patch, 'application/merge-patch+json'],
      [422, 'PATCH', `${jobs}/old`, patch, 'application/strategic-merge-patch+json'],
      [422, 'PATCH', `${jobs}/old`, operations, 'application/json-patch+json'],
      [400, 'POST', jobs, job('new', seconds), 'application/yaml'],
    ] as const) {
      test(`${seconds} – ${method} of ${type}`, async () => {
        const { status, object } = await send(method, path, body, type);
        assert.deepEqual(
          [status, parserText(object.message)],
          [
            code,
            `json: cannot unmarshal number ${seconds} into Go struct field JobSpec.spec.activeDeadlineSeconds of type int64: integers beyond 9007199254740991 are not kept exactly`,
          ],
        );
      });
    }
  }
});

const sender = (seconds: string) => `{"spec":{"parallelism":${seconds}}}`;
const operation = (parallelism: string) => `[{"op":"add","path":"/spec/parallelism","value":${parallelism}}]`;

describe('an integer with a fraction or an exponent – in JSON – is refused as Go refuses it', () => {
  before(() => send('POST', jobs, job('fraction', '1')));
  for (const written of ['1.0', '1e0', '10E-1']) {
    test(`${written} – in a new object`, async () => {
      const { status, object } = await send('POST', jobs, job('new', written));
      assert.deepEqual(
        [status, object.message],
        [
          400,
          `Job in version "v1" cannot be handled as a Job: json: cannot unmarshal number ${written} into Go struct field JobSpec.spec.activeDeadlineSeconds of type int64`,
        ],
      );
    });
    for (const [body, type] of [
      [sender(written), 'application/merge-patch+json'],
      [operation(written), 'application/json-patch+json'],
    ] as const) {
      test(`${written} – in ${type}`, async () => {
        const { status, object } = await send('PATCH', `${jobs}/fraction`, body, type);
        assert.deepEqual(
          [status, parserText(object.message)],
          [
            422,
            `json: cannot unmarshal number ${written} into Go struct field JobSpec.spec.parallelism of type int32`,
          ],
        );
      });
    }
    test(`${written} – in a strategic merge patch – is taken`, async () => {
      const type = 'application/strategic-merge-patch+json';
      assert.equal((await send('PATCH', `${jobs}/fraction`, sender(written), type)).status, 200);
    });
  }
  test('1.0 – in YAML – is taken', async () => {
    const { status } = await send('POST', jobs, job('yaml-fraction', '1.0'), 'application/yaml');
    assert.equal(status, 201);
  });
});

test('a quantity in a patch – that is written as an integer of the old object is not – the integer stays as it is', async () => {
  const limited = job('limited', '1').replace(
    '"image":"i"',
    '"image":"i","resources":{"limits":{"cpu":2.0}}',
  );
  assert.equal((await send('POST', jobs, limited)).status, 201);
  const patch =
    '{"spec":{"suspend":true,"template":{"spec":{"containers":[{"name":"c","image":"i","resources":{"limits":{"cpu":1.0}}}]}}}}';
  const { status, text } = await send(
    'PATCH',
    `${jobs}/limited?dryRun=All`,
    patch,
    'application/merge-patch+json',
  );
  assert.doesNotMatch(text, /cannot unmarshal/);
  assert.ok(status === 200 || /field is immutable/.test(text), text);
});

test('a number beyond all doubles – where a quantity is, where an integer is – is judged as it was written', async () => {
  const { status, text } = await send('POST', jobs, job('new', '1E400'));
  assert.equal(status, 400, text);
  assert.match(text, /cannot unmarshal number 1E400 into/);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '#base/log.ts';
import { systemClock, systemRandom } from '#host/system-env.ts';
import { startTestWebhook, type WebhookReply } from '#testing/server/webhook-server.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { BadToken } from '../../contract/authentication.ts';
import { WebhookClient } from '../../outgoing/webhook-client.ts';
import { webhookTokens } from './webhook.ts';

const review = (status: object) => ({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', status });
const jane = { username: 'jane', uid: '7', groups: ['dev'], extra: { 'example.com/a': ['b'] } };
const known = (audiences: string[]) => ({
  user: {
    name: 'jane',
    uid: '7',
    groups: ['dev', 'system:authenticated'],
    extra: { 'example.com/a': ['b'] },
  },
  audiences,
});

// biome-ignore format: a table
const rows: [what: string, answer: object, audiences: string[], found: unknown][] = [
  ['that knows the token', review({ authenticated: true, user: jane }), ['api'], known(['api'])],
  ['that knows audiences', review({ authenticated: true, user: jane, audiences: ['vault', 'x'] }), ['api', 'vault'], known(['vault'])],
  ['that knows no audiences, asked for others', review({ authenticated: true, user: jane }), ['vault'], undefined],
  ['that does not know the token', review({ authenticated: false }), ['api'], undefined],
  ['that finds it bad', review({ authenticated: false, error: 'revoked' }), ['api'], 'revoked'],
  ['that says yes as a text', review({ authenticated: 'true', user: jane }), ['api'], 'json: cannot unmarshal string into Go struct field TokenReviewStatus.status.authenticated of type bool'],
  ['that knows groups that are no texts', review({ authenticated: true, user: { ...jane, groups: [1, 'dev'] } }), ['api'], 'json: cannot unmarshal number into Go struct field UserInfo.status.user.groups of type string'],
  ['that answers something else', { kind: 'Status' }, ['api'], 'the answer of the webhook is no TokenReview'],
];
for (const [what, answer, audiences, found] of rows) {
  test(`a token webhook – ${what} – is believed`, async () => {
    await using server = await startTestWebhook(() => answer);
    assert.deepEqual(await outcome(server, audiences), found);
    const { kind, apiVersion, spec } = JSON.parse(server.asked[0]!.body);
    assert.deepEqual(
      [kind, apiVersion, spec],
      ['TokenReview', 'authentication.k8s.io/v1', { token: 't', audiences }],
    );
    assert.equal(server.asked[0]!.headers['authorization'], 'Bearer own');
  });
}

test('a token webhook – with temporary errors – is called five times', async () => {
  const clock = new VirtualClock();
  const reply: WebhookReply = (_, response) => void response.writeHead(500).end();
  await using server = await startTestWebhook(reply);
  let isOver = false;
  const asked = outcome(server, ['api'], clock).finally(() => {
    isOver = true;
  });
  while (!isOver) await clock.advance(100);
  assert.match(String(await asked), /^an error on the server/);
  assert.equal(server.asked.length, 5);
});

async function outcome(
  server: { url: string; caPem: string },
  audiences: string[],
  clock: typeof systemClock = systemClock,
): Promise<unknown> {
  const client = new WebhookClient({ clock: systemClock, resolve: () => assert.fail() });
  const kind = webhookTokens({
    env: { clock, random: systemRandom, log: silentLog },
    client,
    access: { target: { url: server.url, caPem: server.caPem }, headers: { authorization: 'Bearer own' } },
    version: 'v1',
    apiAudiences: ['api'],
  });
  try {
    return await kind.authenticate('t', audiences);
  } catch (error) {
    if (error instanceof BadToken) return error.message;
    throw error;
  } finally {
    await client.close();
  }
}

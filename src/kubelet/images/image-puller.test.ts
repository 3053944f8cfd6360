import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRegistries } from '#api/configuration/registries/registries.ts';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#host/system-env.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import type { ImageCalls, RegistryCredentials } from '../runtime/runtime.ts';
import { ImagePuller } from './image-puller.ts';
import type { PullCredentials } from './registries/pull-credentials.ts';

const registries = readRegistries({
  mirrors: { 'docker.io': { endpoint: ['https://m.example.com'], rewrite: { '^library/(.*)': 'hub/$1' } } },
  configs: { 'docker.io': { auth: { username: 'node', password: 'p' } } },
});
const credentialsOf = (username: string): PullCredentials => ({
  credentials: { username, password: 'p', identityToken: '' },
});

/** Pulls `web:1`, which the registry gives for the attempt `good` alone; returns the attempts, and how it ended. */
async function pulled(good: string, hasFile = true) {
  const attempts: string[] = [];
  const tags: string[] = [];
  const runtime = {
    async pullImage(name: string, auth?: RegistryCredentials) {
      const attempt = `${name} as ${auth?.username ?? 'anonymous'}`;
      attempts.push(attempt);
      if (attempt !== good) throw new Error(name.startsWith('m.') ? 'not found' : 'denied');
      return 'id';
    },
    imageStatus: async () => ({ id: 'id', repoTags: [], repoDigests: [], sizeBytes: 1, pinned: false }),
  } as unknown as ImageCalls;
  const tag = async (name: string, further: string) => void tags.push(`${name} is ${further}`);
  const env = { clock: new VirtualClock(), random: systemRandom, log: silentLog };
  const file = hasFile ? { registries: { current: async () => registries, tag } } : {};
  const puller = new ImagePuller(env, runtime, { parallelPullsMax: 1, ...file });
  const credentials = hasFile
    ? { secrets: [credentialsOf('secret')], provided: [credentialsOf('program')] }
    : { secrets: [], provided: [] };
  const outcome = await puller
    .pull('web:1', { credentials, onProgress: () => undefined })
    .then(({ used }) => used?.credentials.username ?? 'no password', String);
  return { attempts, tags, outcome };
}

test('an image – whose mirror has it under another name – gets its own name beside that', async () => {
  const { attempts, tags, outcome } = await pulled('m.example.com/hub/web:1 as anonymous');
  assert.deepEqual(attempts, ['m.example.com/hub/web:1 as anonymous']);
  assert.deepEqual([tags, outcome], [['m.example.com/hub/web:1 is web:1'], 'no password']);
});

test('an image – that no mirror has – is asked for with the pod’s secret, the node’s password, a program’s', async () => {
  const { attempts, outcome } = await pulled('web:1 as program');
  assert.deepEqual(attempts.slice(1), ['web:1 as secret', 'web:1 as node', 'web:1 as program']);
  assert.equal(outcome, 'program');
});

test('an image – that nothing gives – fails with each reason once', async () => {
  assert.equal((await pulled('')).outcome, 'Error: [not found, denied]');
  const { attempts, outcome } = await pulled('', false);
  assert.deepEqual([attempts, outcome], [['web:1 as anonymous'], 'Error: denied']);
});

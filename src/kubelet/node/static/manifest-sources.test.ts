/** Manifests of a real folder and of a real HTTP server together, on a virtual clock. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#host/system-env.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { ManifestAddress } from './manifest-address.ts';
import { ManifestFolder } from './manifest-folder.ts';
import { ManifestReader } from './manifest-reader.ts';
import { ManifestSources } from './manifest-sources.ts';

const podText = (name: string, image = 'web:1') =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { containers: [{ name: 'c', image }] },
  });
const listText = (...names: string[]) =>
  `{"apiVersion":"v1","kind":"PodList","items":[${names.map((name) => podText(name)).join(',')}]}`;

interface Answer {
  readonly status?: number;
  readonly text?: string;
}

class Scene {
  readonly clock = new VirtualClock();
  readonly warnings: string[] = [];
  readonly infos: string[] = [];
  readonly requests: string[] = [];
  answer: Answer = {};
  sources!: ManifestSources;
  address!: ManifestAddress;

  static async start(
    t: TestContext,
    answer: Answer,
    files: Readonly<Record<string, string>> = {},
  ): Promise<Scene> {
    const scene = new Scene();
    scene.answer = answer;
    const server = createServer(({ headers }, response) => {
      scene.requests.push(String(headers['x-token']));
      const { status = 200, text = '' } = scene.answer;
      response.writeHead(status, { connection: 'close' }).end(text);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const dir = mkdtempSync(`${tmpdir()}/manifests-`);
    for (const [name, text] of Object.entries(files)) writeFileSync(`${dir}/${name}`, text);
    const warn = (message: string, fields: unknown) =>
      void scene.warnings.push(`${message} ${JSON.stringify(fields)}`);
    const info = (message: string) => void scene.infos.push(message);
    const env = { clock: scene.clock, random: systemRandom, log: { ...silentLog, warn, info } };
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const reader = new ManifestReader();
    scene.address = new ManifestAddress({
      env,
      reader,
      url,
      headers: [['X-Token', 'secret']],
      nodeName: 'n',
    });
    scene.sources = new ManifestSources({
      env,
      folder: { path: dir, files: new ManifestFolder(env, reader, dir, 'n') },
      address: { asked: scene.address, intervalMs: 20_000 },
    });
    t.after(() => {
      server.close();
      reader.stop();
      rmSync(dir, { recursive: true });
    });
    await scene.address.ask();
    return scene;
  }

  /** The address answers so, and is asked. */
  async answers(answer: Answer): Promise<void> {
    this.answer = answer;
    await this.address.ask();
  }

  async names(): Promise<string[]> {
    return (await this.sources.read()).pods.map(({ metadata }) => metadata.name);
  }
}

test('manifests – of a folder and an address – are pods together, each with its source', async (t) => {
  const scene = await Scene.start(t, { text: listText('far', 'farther') }, { 'near.json': podText('near') });
  const { pods, areComplete } = await scene.sources.read();
  assert.deepEqual(
    pods.map(({ metadata, spec }) => [
      metadata.name,
      metadata.annotations?.['kubernetes.io/config.source'],
      spec.tolerations?.length ?? 0,
    ]),
    [
      ['near-n', 'file', 1],
      ['far-n', 'http', 0],
      ['farther-n', 'http', 0],
    ],
  );
  assert.deepEqual([areComplete, scene.requests], [true, ['secret']]);
});

test('manifests – of an address that has not answered well yet – are not complete, and the folder counts', async (t) => {
  const scene = await Scene.start(t, { status: 503 }, { 'near.json': podText('near') });
  const { pods, areComplete } = await scene.sources.read();
  assert.deepEqual([pods.length, areComplete], [1, false]);
  assert.match(scene.warnings[0]!, /: 503 Service Unavailable"/);
  for (let asked = 1; asked < 8; asked++) await scene.address.ask();
  assert.equal(scene.warnings.length, 3);
  await scene.answers({ text: podText('far') });
  assert.deepEqual(await scene.names(), ['near-n', 'far-n']);
});

for (const [what, answer] of [
  ['is no pod', { text: '{"apiVersion":"v1","kind":"Service"}' }],
  ['is no YAML', { text: 'kind: [' }],
  [
    'has a pod without a name',
    { text: '{"apiVersion":"v1","kind":"PodList","items":[{"spec":{"containers":[]}}]}' },
  ],
  ['fails', { status: 500 }],
] as const) {
  test(`manifests – of an address whose next answer ${what} – stay as they were`, async (t) => {
    const scene = await Scene.start(t, { text: podText('far') });
    await scene.answers(answer);
    assert.deepEqual(await scene.names(), ['far-n']);
    await scene.address.ask();
    assert.deepEqual([scene.warnings.length, scene.infos], [2, []]);
  });
}

test('manifests – of an address that answers with nothing – are none', async (t) => {
  const scene = await Scene.start(t, { text: podText('far') });
  await scene.answers({ text: '' });
  assert.deepEqual(await scene.names(), []);
});

test('manifests – of an address that changes – are reported at its interval, once for each change', {
  timeout: 20_000,
}, async (t) => {
  const scene = await Scene.start(t, { text: podText('far') });
  let changes = 0;
  t.after(scene.sources.watch(() => changes++));
  const asked = async (times: number) => {
    for (let tries = 0; scene.requests.length < times && tries < 100; tries++) {
      await scene.clock.advance(10_000);
      await turn();
    }
    // Asked once more, the answer before it has been read.
    await scene.address.ask();
  };
  await asked(4);
  assert.equal(changes, 0);
  scene.answer = { text: podText('other') };
  while (changes === 0) {
    await scene.clock.advance(10_000);
    await turn();
  }
  assert.deepEqual([changes, await scene.names()], [1, ['other-n']]);
});

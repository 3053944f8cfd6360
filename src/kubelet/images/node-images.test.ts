import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { type TestContext, test } from 'node:test';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#host/system-env.ts';
import { storedPod } from '#testing/objects.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { imagesInMemory, openNodeImages } from './node-images.ts';

const configOf = (name: string, place: string) =>
  JSON.stringify({
    apiVersion: 'kubelet.config.k8s.io/v1',
    kind: 'CredentialProviderConfig',
    providers: [
      {
        name,
        apiVersion: 'credentialprovider.kubelet.k8s.io/v1',
        matchImages: [place],
        defaultCacheDuration: '1h',
      },
    ],
  });
const accounts = { account: () => assert.fail(), token: () => assert.fail() };

/** Programs `a` and `b`, and a folder for configurations. */
function setUp(t: TestContext) {
  const dir = mkdtempSync(`${tmpdir()}/node-images-`);
  t.after(() => rmSync(dir, { recursive: true }));
  mkdirSync(`${dir}/bin`);
  mkdirSync(`${dir}/config`);
  for (const name of ['a', 'b']) {
    const answer = JSON.stringify({
      apiVersion: 'credentialprovider.kubelet.k8s.io/v1',
      kind: 'CredentialProviderResponse',
      cacheKeyType: 'Image',
      auth: { '*.example.com': { username: name, password: 'p' } },
    });
    writeFileSync(`${dir}/bin/${name}`, `#!/bin/sh\ncat >/dev/null\necho '${answer}'\n`, { mode: 0o755 });
  }
  const env = { clock: new VirtualClock(), random: systemRandom, log: silentLog };
  const { parallelPullsMax, garbage } = imagesInMemory();
  const open = (config: string, bin = 'bin') => {
    const providers = { configFile: `${dir}/${config}`, binDir: `${dir}/${bin}` };
    return openNodeImages(env, { parallelPullsMax, garbage, providers }, `${dir}/data`, {}, accounts);
  };
  return { dir, open };
}

test('providers – configured by a file, by a folder of files – are asked', async (t) => {
  const { dir, open } = setUp(t);
  writeFileSync(`${dir}/config/1.yaml`, configOf('a', '*.example.com'));
  writeFileSync(`${dir}/config/2.json`, configOf('b', '*.example.com'));
  writeFileSync(`${dir}/config/notes.txt`, 'no configuration');
  const users = async (config: string) => {
    const { providers } = await open(config);
    const found = await providers?.credentialsFor('x.example.com/web', storedPod('p', {}));
    return found?.map(({ credentials }) => credentials.username).join(' ');
  };
  assert.deepEqual([await users('config/1.yaml'), await users('config')], ['a', 'a b']);
});

test('the hash of a configuration – of two files, of the first alone – are different ones', async (t) => {
  const { dir, open } = setUp(t);
  const hashOf = async (config: string) => {
    const { providers } = await open(config);
    const info = providers?.metrics.find(({ name }) => name === 'kubelet_credential_provider_config_info');
    return [...(info?.readings() ?? [])].map(([labels]) => labels['hash']).join();
  };
  writeFileSync(`${dir}/config/1.yaml`, configOf('a', '*.example.com'));
  const first = await hashOf('config');
  const length = `\\0\\0\\0\\0\\0\\0\\0\\${configOf('a', '*.example.com').length.toString(8)}`;
  const lengthAndText = `printf '${length}'; cat ${dir}/config/1.yaml`;
  const sum = execFileSync('sh', ['-c', `{ ${lengthAndText}; } | sha256sum`])
    .toString()
    .slice(0, 64);
  assert.equal(first, `sha256:${sum}`);
  writeFileSync(`${dir}/config/2.json`, configOf('b', '*.example.com'));
  assert.notEqual(await hashOf('config'), first);
});

test('providers – that cannot be used – keep the kubelet from its start, with upstream’s reasons', async (t) => {
  const { dir, open } = setUp(t);
  const config = `${dir}/config`;
  await assert.rejects(open('config'), {
    message: `${config}: no configuration files found in directory ${JSON.stringify(config)}`,
  });
  writeFileSync(`${config}/1.yaml`, configOf('missing', '*.example.com'));
  await assert.rejects(open('config'), {
    message: `${config}: plugin binary executable ${dir}/bin/missing did not exist`,
  });
  await assert.rejects(open('config', 'none'), {
    message: `${config}: plugin binary directory ${dir}/none did not exist`,
  });
  writeFileSync(`${config}/2.yaml`, 'a: [');
  await assert.rejects(open('config'), /unable to read file .*2\.yaml/);
});

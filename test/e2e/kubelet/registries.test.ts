/** Images from a real registry with a certificate and a password, as `registries.yaml` says where they are. */

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { readKubeletConfiguration } from '#api/configuration/kubelet/kubelet-configuration.ts';
import { registryHosts } from '#api/configuration/registries/hosts.ts';
import { readRegistries } from '#api/configuration/registries/registries.ts';
import { serviceAccounts } from '#api/generated/kinds.gen.ts';
import { tagImage } from '#host/containerd/images.ts';
import { pullImage } from '#host/containerd/pull-image.ts';
import { type PullProgress, progressText } from '#host/containerd/pull-progress.ts';
import { registryDir, writeRegistryFiles } from '#host/containerd/registry-files.ts';
import { command } from '#host/processes/command.ts';
import { ImageRegistry, registryUser } from '../../support/image-registry.ts';
import { LyingRegistry } from '../../support/lying-registry.ts';
import { image, RealKubelet } from '../../support/real-kubelet.ts';

const node = new RealKubelet();
let registry: ImageRegistry;
let caFile: string;

/** Gives the registry's password to pods whose ServiceAccount says so, if they have a token. */
const provider = `#!/bin/sh
grep -q '"serviceAccountToken":"ey.*"example.com/role":"puller"' || exit 1
cat "$(dirname "$0")/answer"
`;
const providersFor = (host: string) => ({
  apiVersion: 'kubelet.config.k8s.io/v1',
  kind: 'CredentialProviderConfig',
  providers: [
    {
      name: 'give',
      apiVersion: 'credentialprovider.kubelet.k8s.io/v1',
      matchImages: [host],
      defaultCacheDuration: '1h',
      tokenAttributes: {
        serviceAccountTokenAudience: 'registry',
        cacheType: 'ServiceAccount',
        requireServiceAccount: true,
        requiredServiceAccountAnnotationKeys: ['example.com/role'],
      },
    },
  ],
});

before(async () => {
  const port = await freePort();
  const binDir = `${node.dir}/providers`;
  mkdirSync(binDir);
  writeFileSync(`${binDir}/give`, provider, { mode: 0o755 });
  writeFileSync(`${binDir}/config.yaml`, JSON.stringify(providersFor(`127.0.0.1:${port}`)));
  node.config = readKubeletConfiguration({
    imageCredentialProviderConfig: `${binDir}/config.yaml`,
    imageCredentialProviderBinDir: binDir,
  });
  await node.start();
  const { ca } = node.plane.pki;
  caFile = `${node.dir}/ca.pem`;
  writeFileSync(caFile, ca.certPem);
  const serving = node.plane.pki.kubeletServing('registry', ['127.0.0.1']);
  registry = new ImageRegistry({ dir: `${node.dir}/registry`, port, ...serving });
  await registry.start();
  const answer = {
    apiVersion: 'credentialprovider.kubelet.k8s.io/v1',
    kind: 'CredentialProviderResponse',
    cacheKeyType: 'Registry',
    auth: { [registry.host]: registryUser },
  };
  writeFileSync(`${binDir}/answer`, JSON.stringify(answer));
  const server = `server = "https://${registry.host}"\nskip_verify = true\n[host]\n`;
  await writeRegistryFiles(`${node.dir}/push`, new Map([[registry.host, server]]));
  for (const name of ['first', 'second', 'third', 'fourth', 'fifth', 'sixth']) await push(`hub/${name}:1`);
});
after(async () => {
  await registry?.stop();
  await node.stop();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The image of these tests, in the registry under another name. */
async function push(name: string): Promise<void> {
  const { socket } = node.containerd;
  const ref = `${registry.host}/${name}`;
  const ctr = ['--address', socket, '--namespace', 'k8s.io', 'images'];
  await tagImage(socket, `docker.io/library/${image}`, ref);
  const { username, password } = registryUser;
  const access = ['--hosts-dir', `${node.dir}/push`, '--user', `${username}:${password}`];
  await command('ctr', [...ctr, 'push', ...access, ref]);
  await command('ctr', [...ctr, 'remove', ref]);
}

/** JSON is YAML. */
function writeRegistries(document: object): void {
  writeFileSync(node.registriesFile, JSON.stringify(document));
}

const withPassword = () => ({ [registry.host]: { auth: registryUser, tls: { ca_file: caFile } } });

async function run(name: string, ref: string, serviceAccountName = 'default'): Promise<void> {
  const main = { name: 'main', image: ref, command: ['/bin/busybox', 'true'] };
  await node.create(name, { restartPolicy: 'Never', serviceAccountName, containers: [main] });
}

async function untilWaiting(name: string, message: RegExp): Promise<void> {
  await node.until(`${name}: ${message}`, async () => {
    const { waiting } = (await node.containerOf(name)).state ?? {};
    return (
      /^(ErrImagePull|ImagePullBackOff)$/.test(waiting?.reason ?? '') && message.test(waiting?.message ?? '')
    );
  });
}

test('a registry – with a certificate that the node does not trust – is refused, and trusted once the file names it', async () => {
  writeRegistries({ configs: { [registry.host]: { auth: registryUser, tls: {} } } });
  await run('trust', `${registry.host}/hub/first:1`);
  await untilWaiting('trust', /x509: certificate signed by unknown authority/);
  writeRegistries({ configs: withPassword() });
  await node.untilPhase('trust', 'Succeeded');
});

test('a mirror – of a registry that does not exist – is asked in its place', async () => {
  const endpoint = [`https://${registry.host}`];
  writeRegistries({ mirrors: { 'mirrored.invalid': { endpoint } }, configs: withPassword() });
  await run('mirrored', 'mirrored.invalid/hub/second:1');
  await node.untilPhase('mirrored', 'Succeeded');
});

test('a mirror – that has an image under another repository – is asked for that one', async () => {
  const mirror = { endpoint: [`https://${registry.host}`], rewrite: { '^team/(.*)': 'hub/$1' } };
  writeRegistries({ mirrors: { 'rewritten.invalid': mirror }, configs: withPassword() });
  await run('rewritten', 'rewritten.invalid/team/third:1');
  await node.untilPhase('rewritten', 'Succeeded');
  const [pulled = ''] = await node.eventsOf('rewritten', 'Pulled');
  assert.match(pulled, /^Successfully pulled image "rewritten\.invalid\/team\/third:1" in /);
});

test('an image – pulled by hand – needs the password of its registry', async () => {
  const ref = `${registry.host}/hub/fifth:1`;
  const { socket } = node.containerd;
  const onProgress = () => undefined;
  const trusted = registryHosts(
    readRegistries({ configs: { [registry.host]: { tls: { ca_file: caFile } } } }),
  );
  await writeRegistryFiles(registryDir(node.containerdOptions.dataDir), trusted);
  await assert.rejects(pullImage(socket, ref, { onProgress }), /401 Unauthorized/);
  const login = { ...registryUser, identityToken: '', serverAddress: `https://${registry.host}` };
  await pullImage(socket, ref, { login, onProgress });
  assert.ok(await node.runtime.imageStatus(ref));
});

test('an image – pulled by hand – shows its progress, is known to come from its registry, and is ended when too much comes', async () => {
  const slow = new LyingRegistry();
  await slow.start();
  try {
    const ref = slow.add('hub/slow', 'a layer by drops', 4_000_000);
    const states: string[] = [];
    const onProgress = (progress: PullProgress) => void states.push(progressText(progress));
    await pullImage(node.containerd.socket, ref, { onProgress });
    assert.ok(states.includes('0 of 1 layers, 1.05 MB of 4 MB'), states.join('\n'));
    const endless = slow.add('hub/endless', 'a manifest without an end');
    await assert.rejects(pullImage(node.containerd.socket, endless, { onProgress }), {
      message: `failed to pull image "${endless}": its registry sends more than it has announced`,
    });
    const found = await node.runtime.imageStatus(ref);
    assert.ok(found?.repoDigests.some((digest) => digest.startsWith(`${slow.host}/hub/slow@sha256:`)));
  } finally {
    await slow.stop();
  }
});

test('an image – that a provider has pulled with a token of the pod’s ServiceAccount – is for the pods of that account', async () => {
  writeRegistries({ configs: { [registry.host]: { tls: { ca_file: caFile } } } });
  const annotations = { 'example.com/role': 'puller' };
  await node.client.create(serviceAccounts, {
    metadata: { name: 'puller', namespace: 'e2e', annotations },
  });
  const ref = `${registry.host}/hub/sixth:1`;
  await run('without-role', ref);
  await untilWaiting('without-role', /401 Unauthorized/);
  await run('with-role', ref, 'puller');
  await node.untilPhase('with-role', 'Succeeded');
  await run('again-with-role', ref, 'puller');
  await node.untilPhase('again-with-role', 'Succeeded');
  assert.match((await node.eventsOf('again-with-role', 'Pulled'))[0] ?? '', /already present on machine/);
  await run('present-without-role', ref);
  await untilWaiting('present-without-role', /401 Unauthorized/);
});

test('a registry – down, with a file that cannot be read meanwhile – is asked again until it is back', async () => {
  writeRegistries({ configs: withPassword() });
  await registry.stop();
  await run('down', `${registry.host}/hub/fourth:1`);
  await untilWaiting('down', /connection refused/);
  writeFileSync(node.registriesFile, 'mirrors: [');
  await registry.start();
  await node.untilPhase('down', 'Succeeded');
});

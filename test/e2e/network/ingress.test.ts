/** HTTP into a real cluster: hosts, paths, certificates, and changes of everything under load. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { connect } from 'node:tls';
import { eventually, kubectl, startTestCluster } from '../../support/cluster.ts';
import { addNginx } from '../../support/images.ts';
import { ask, steadyLoad } from '../../support/steady-load.ts';

let cluster: Awaited<ReturnType<typeof startTestCluster>>;
let address = '';
const k = (...args: string[]) => kubectl(cluster, args);
const apply = (manifest: object) => kubectl(cluster, ['apply', '-f', '-'], JSON.stringify(manifest));
const manifests = join(import.meta.dirname, '../applications/manifests');

function ingress(name: string, host: string, spec: object = {}, annotations: object = {}) {
  const backend = { service: { name: 'myservice', port: { number: 80 } } };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, annotations },
    spec: { rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }], ...spec },
  };
}

/** The names in the certificate that a client of this name is shown. */
function certificateOf(servername: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port: 443, servername, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().subject.CN as string);
      socket.end();
    });
    socket.on('error', reject);
  });
}

async function secretOf(name: string, commonName: string): Promise<void> {
  const key = join(cluster.home, 'tls.key');
  const certificate = join(cluster.home, 'tls.crt');
  const request = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-subj',
    `/CN=${commonName}`,
  ];
  execFileSync('openssl', [...request, '-keyout', key, '-out', certificate], { stdio: 'ignore' });
  const data = (file: string) => readFileSync(file).toString('base64');
  await apply({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name },
    type: 'kubernetes.io/tls',
    data: { 'tls.crt': data(certificate), 'tls.key': data(key) },
  });
}

before(async () => {
  cluster = await startTestCluster([], 'ingress');
  await addNginx(cluster, 'nginx', 'hello from one');
  await addNginx(cluster, 'nginx:2', 'hello from two');
  await k('apply', '-f', join(manifests, 'web.yaml'));
  await k('rollout', 'status', 'deployment/web', '--timeout=60s');
  const [node] = JSON.parse(await k('get', 'nodes', '-o', 'json')).items;
  address = node.status.addresses.find(({ type }: { type: string }) => type === 'InternalIP').address;
});
after(() => cluster?.dispose());

const statusOf = async (host: string, path: string) => (await ask({ address, host, path })).status;

test('web.yaml – applied – is served by host and path, with its address in the status', async () => {
  await eventually('the address is in the status', async () => {
    const shown = JSON.parse(await k('get', 'ingress', 'web', '-o', 'json'));
    assert.deepEqual(shown.status.loadBalancer, { ingress: [{ ip: address }] });
    assert.equal(shown.spec.ingressClassName, 'kybern');
  });
  const page = await ask({ address, host: 'example.com', path: '/blog/index.html' });
  assert.match(page.body, /nginx/);
  assert.equal((await ask({ address, host: 'example.com', path: '/other' })).body, 'default backend - 404');
  assert.equal(await statusOf('other.com', '/blog'), 404);
});

test('an Ingress with TLS – its Secret changed – shows each certificate, by name', async () => {
  await secretOf('tls', 'first.example.com');
  await apply(
    ingress('tls', 'tls.example.com', { tls: [{ hosts: ['tls.example.com'], secretName: 'tls' }] }),
  );
  await eventually('the first certificate', async () =>
    assert.equal(await certificateOf('tls.example.com'), 'first.example.com'),
  );
  assert.equal(await certificateOf('unknown.com'), 'kybern ingress default certificate');
  assert.equal(await statusOf('tls.example.com', '/'), 308);
  await secretOf('tls', 'second.example.com');
  await eventually('the second certificate', async () =>
    assert.equal(await certificateOf('tls.example.com'), 'second.example.com'),
  );
});

test('a rolling update and changes of Ingresses – under load – fail no request', async () => {
  await apply(ingress('steady', 'steady.com'));
  await eventually('the Ingress is served', async () => assert.equal(await statusOf('steady.com', '/'), 200));
  const end = steadyLoad({ address, host: 'steady.com', path: '/' });
  await k('set', 'image', 'deployment/web', 'nginx=nginx:2');
  for (let round = 0; round < 5; round++) {
    await apply(ingress('changing', `changing-${round}.com`));
    await eventually('the changed Ingress is served', async () =>
      assert.equal(await statusOf(`changing-${round}.com`, '/'), 200),
    );
  }
  await k('rollout', 'status', 'deployment/web', '--timeout=60s');
  await k('scale', 'deployment/web', '--replicas=1');
  await k('rollout', 'status', 'deployment/web', '--timeout=60s');
  const { answers, failures } = await end();
  assert.deepEqual(failures, [], `${failures.length} failures beside ${JSON.stringify([...answers])}`);
  assert.deepEqual([...answers.keys()].toSorted(), ['hello from one', 'hello from two']);
});

test('an Ingress that cannot be served – beside others – gets an event, and disturbs none', async () => {
  const bad = ingress('bad', 'bad.com', {}, { 'nginx.ingress.kubernetes.io/server-snippet': 'return 200;' });
  await apply(bad);
  await eventually('the event', async () => {
    const events = await k(
      'get',
      'events',
      '--field-selector=involvedObject.name=bad',
      '-o',
      'jsonpath={..message}',
    );
    assert.match(events, /annotation nginx.ingress.kubernetes.io\/server-snippet is not supported/);
  });
  assert.equal(await statusOf('bad.com', '/'), 404);
  assert.equal(await statusOf('steady.com', '/'), 200);
});

test('the proxy – killed – is started again', async () => {
  const masters = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && isProxy(pid));
  assert.ok(masters.length > 0);
  for (const pid of masters) process.kill(Number(pid), 'SIGKILL');
  await eventually('the proxy serves again', async () =>
    assert.equal(await statusOf('steady.com', '/'), 200),
  );
});

/** Processes end while they are looked at. */
function isProxy(pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('haproxy\0-W\0') && homeIn(pid);
  } catch {
    return false;
  }
}

function homeIn(pid: string): boolean {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(cluster.home);
}

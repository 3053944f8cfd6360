/**
 * The operator of `examples/operator` inside a real cluster, as its manifests deploy it: two replicas, webhooks through
 * a Service, a website that answers, and a hand-over when the leading pod is deleted.
 */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { eventually, kubectl, repository, startTestCluster, tryKubectl } from '../../support/cluster.ts';
import { addExample } from '../../support/example-image.ts';
import { addNginx } from '../../support/images.ts';

const example = join(repository, 'examples/operator');
const manifest = (name: string) => join(example, 'manifests', `${name}.yaml`);
let cluster: Awaited<ReturnType<typeof startTestCluster>>;
const k = (...args: string[]) => kubectl(cluster, args);
const inSystem = (...args: string[]) => k('-n', 'website-system', ...args);

before(async () => {
  cluster = await startTestCluster([], 'operator');
  await addExample(cluster, 'operator', { ref: 'website-operator:1', folder: 'operator' });
  await addNginx(cluster, 'nginx:1.29', 'a page');
  for (const name of ['rights', 'definition', 'webhooks', 'deployment']) {
    await k('apply', '-f', manifest(name));
  }
  await inSystem('rollout', 'status', 'deployment/website-operator', '--timeout=120s');
});
after(() => cluster?.dispose());

test('an operator in the cluster – asked for a website – makes one that answers', async () => {
  await k('apply', '-f', manifest('website'));
  await k('wait', 'website/shop', '--for=condition=Ready', '--timeout=60s');
  const page = () => k('get', '--raw', '/api/v1/namespaces/default/services/shop:http/proxy/');
  await eventually('the page', async () => (await page()) === 'a page');
});

test('an operator in the cluster – behind its Service – defaults, validates and converts', async () => {
  const website = (name: string, spec: object, version = 'v1') =>
    JSON.stringify({ apiVersion: `web.example.com/${version}`, kind: 'Website', metadata: { name }, spec });
  const apply = (object: string) => tryKubectl(cluster, ['apply', '-f', '-'], object);
  const copy = await apply(website('copy', { host: 'www.shop.example.com' }));
  assert.match(copy.stderr, /host www\.shop\.example\.com belongs to website default\/shop/);
  const old = await apply(website('blog', { domain: 'blog.example.com', replicas: 0 }, 'v1beta1'));
  assert.match(old.stderr, /v1beta1 Website is deprecated/);
  const shown = await k('get', 'website', 'blog', '-o', 'jsonpath={.spec.host} {.spec.image}');
  assert.equal(shown, 'blog.example.com nginx:1.29');
});

test('an operator in the cluster – whose leading pod is deleted – goes on with the other', async () => {
  const leader = () => inSystem('get', 'lease', 'website-operator', '-o', 'jsonpath={.spec.holderIdentity}');
  const first = await leader();
  assert.match(first, /^website-operator-/);
  await inSystem('delete', 'pod', first, '--timeout=60s');
  await eventually('another leader', async () => ![first, ''].includes(await leader()));
  await k('scale', 'website/shop', '--replicas=1');
  await k('wait', 'website/shop', '--for=jsonpath={.status.replicas}=1', '--timeout=60s');
  await k('delete', 'website', 'shop', '--timeout=60s');
  const hosts = await inSystem('get', 'configmap', 'website-hosts', '-o', 'jsonpath={.data}');
  assert.deepEqual(JSON.parse(hosts), { 'blog.example.com': 'blog.default.svc:80' });
});

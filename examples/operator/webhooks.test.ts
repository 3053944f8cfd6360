/** What a Website is refused for, warned about and completed with: by its schema, its CEL rules and the webhooks. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type KubernetesObject, PatchStrategy } from '@kubernetes/client-node';
import { apiVersion, kind } from './api/v1.ts';
import { messageOf } from './cluster-client.ts';
import { startWebsiteCluster } from './testing/website-cluster.ts';
import { warningsOf } from './webhooks/validation.ts';

/** The message that a request is refused with. */
async function refusal(request: Promise<unknown>): Promise<string> {
  return request.then(
    () => 'it was accepted',
    (error) => messageOf(error),
  );
}

test('a website – that says nothing – is completed by the mutating webhook and the schema', async (t) => {
  const websites = await startWebsiteCluster(t);
  await websites.startOperator();

  const { spec } = await websites.createWebsite('shop', {});

  assert.deepEqual(spec, {
    host: 'shop.default.sites.example.com',
    image: 'nginx:1.29',
    port: 80,
    replicas: 1,
  });
});

test('a website – whose host another website has – is refused by the validating webhook', async (t) => {
  const websites = await startWebsiteCluster(t);
  await websites.startOperator();
  await websites.createWebsite('shop', { host: 'shop.example.com', aliases: ['www.example.com'] });

  const message = await refusal(websites.createWebsite('copy', { host: 'www.example.com' }, 'kube-public'));

  assert.equal(
    message,
    'admission webhook "validate.websites.web.example.com" denied the request: ' +
      'host www.example.com belongs to website default/shop',
  );
});

test('a website – that takes over an alias which was given up – is accepted', async (t) => {
  const websites = await startWebsiteCluster(t);
  await websites.startOperator();
  const shop = await websites.createWebsite('shop', { aliases: ['www.example.com'] });
  const { resourceVersion: _, ...metadata } = shop.metadata ?? {};

  await websites.objects.patch(
    {
      apiVersion,
      kind,
      metadata: { name: metadata.name, namespace: 'default' },
      spec: { aliases: null },
    } as KubernetesObject,
    ...[undefined, undefined, undefined, undefined],
    PatchStrategy.MergePatch,
  );

  await websites.createWebsite('blog', { aliases: ['www.example.com'] });
});

test('a website – against a rule in its schema – is refused by the API server alone', async (t) => {
  const websites = await startWebsiteCluster(t);
  await websites.startOperator();
  const shop = await websites.createWebsite('shop', { host: 'shop.example.com' });

  assert.equal(
    await refusal(
      websites.createWebsite('blog', { host: 'blog.example.com', aliases: ['blog.example.com'] }),
    ),
    'Website.web.example.com "blog" is invalid: spec.aliases: Invalid value: the host is no alias of itself',
  );
  const latest = await websites.ready('shop');
  assert.equal(
    await refusal(websites.objects.replace({ ...latest, spec: { ...shop.spec, host: 'other.example.com' } })),
    'Website.web.example.com "shop" is invalid: spec.host: Invalid value: "other.example.com": ' +
      'a website keeps its host: make another website for another host',
  );
  assert.equal(
    await refusal(websites.createWebsite('wide', { replicas: 21 })),
    'Website.web.example.com "wide" is invalid: spec.replicas: Invalid value: 21: ' +
      'spec.replicas in body should be less than or equal to 20',
  );
});

test('a website – while no operator runs – cannot be made, and the reason names the webhook', async (t) => {
  const websites = await startWebsiteCluster(t);
  const operator = await websites.startOperator();
  await operator.stop();

  const message = await refusal(websites.createWebsite('shop'));

  assert.match(
    message,
    /^Internal error occurred: failed calling webhook "default\.websites\.web\.example\.com"/,
  );
});

for (const [image, isFixed] of [
  ['nginx', false],
  ['nginx:latest', false],
  ['registry:5000/nginx', false],
  ['nginx:1.29', true],
  ['registry:5000/nginx:1.29', true],
  ['nginx@sha256:0123', true],
] as const) {
  test(`the image ${image} – of a website – ${isFixed ? 'is fine' : 'gets a warning'}`, () => {
    const warnings = warningsOf({ spec: { host: 'a', image, port: 80, replicas: 1 } });
    assert.equal(warnings.length, isFixed ? 0 : 1);
  });
}

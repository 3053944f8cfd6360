/** Both versions of a Website on a cluster: the same object, whichever of them a client speaks. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubernetesObject } from '@kubernetes/client-node';
import { apiVersion, kind } from './api/v1.ts';
import type { WebsiteV1beta1 } from './api/v1beta1.ts';
import { startWebsiteCluster } from './testing/website-cluster.ts';

const v1beta1 = 'web.example.com/v1beta1';
const metadata = { name: 'shop', namespace: 'default' };

test('a website – written as v1beta1 – is served as v1, and reconciled', async (t) => {
  const websites = await startWebsiteCluster(t);
  await websites.startOperator();
  const spec = { domain: 'shop.example.com', replicas: 2 };

  await websites.objects.create({ apiVersion: v1beta1, kind, metadata, spec } as KubernetesObject);

  const shop = await websites.ready('shop');
  assert.equal(shop.apiVersion, apiVersion);
  assert.deepEqual(shop.spec, { host: 'shop.example.com', image: 'nginx:1.29', port: 80, replicas: 2 });
});

test('a website – changed by a client of v1beta1 – keeps the aliases that this client does not know', async (t) => {
  const websites = await startWebsiteCluster(t);
  const operator = await websites.startOperator();
  await websites.createWebsite('shop', { host: 'shop.example.com', aliases: ['www.example.com'] });
  await websites.ready('shop');
  const old = await websites.objects.read<WebsiteV1beta1>({ apiVersion: v1beta1, kind, metadata });
  assert.equal(old.spec.domain, 'shop.example.com');

  await websites.objects.replace({ ...old, spec: { ...old.spec, replicas: 3 } });

  const { spec } = await websites.website('shop');
  assert.deepEqual([spec.replicas, spec.aliases], [3, ['www.example.com']]);
  await operator.stop();
});

test('websites – listed as v1beta1 – are all converted', async (t) => {
  const websites = await startWebsiteCluster(t);
  await websites.startOperator();
  for (const name of ['blog', 'shop']) await websites.createWebsite(name);

  const { items } = await websites.objects.list<WebsiteV1beta1>(v1beta1, kind);

  assert.deepEqual(
    items.map(({ spec }) => spec.domain),
    ['blog.default.sites.example.com', 'shop.default.sites.example.com'],
  );
});

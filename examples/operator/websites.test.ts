/** The life of a Website: what the operator makes of it, keeps right, reports, and cleans. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubernetesObject, V1Deployment, V1Service } from '@kubernetes/client-node';
import { apiVersion, kind } from './api/v1.ts';
import { readyCondition } from './controller/status.ts';
import { namespace, startWebsiteCluster, type WebsiteCluster } from './testing/website-cluster.ts';

const inDefault = (name: string) => ({ name, namespace: 'default' });
const deploymentOf = ({ objects }: WebsiteCluster, name: string) =>
  objects.read<V1Deployment>({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: inDefault(name) });
const hostsIn = async ({ core }: WebsiteCluster) =>
  (await core.readNamespacedConfigMap({ name: 'website-hosts', namespace })).data ?? {};

test('a website – created – gets a deployment, a service and its hosts, and becomes ready', async (t) => {
  const websites = await startWebsiteCluster(t);
  await websites.startOperator();
  await websites.createWebsite('shop', {
    host: 'shop.example.com',
    aliases: ['www.shop.example.com'],
    replicas: 2,
  });

  const shop = await websites.ready('shop');

  assert.equal(readyCondition(shop.status)?.message, '2 of 2 replicas are ready');
  assert.equal(shop.status?.url, 'http://shop.example.com');
  const deployment = await deploymentOf(websites, 'shop');
  assert.equal(deployment.spec?.replicas, 2);
  assert.equal(deployment.metadata?.ownerReferences?.[0]?.uid, shop.metadata?.uid);
  const service: V1Service = await websites.core.readNamespacedService(inDefault('shop'));
  assert.deepEqual(
    service.spec?.ports?.map(({ port, targetPort }) => [port, targetPort]),
    [[80, 'http']],
  );
  const address = 'shop.default.svc:80';
  assert.deepEqual(await hostsIn(websites), { 'shop.example.com': address, 'www.shop.example.com': address });
});

test('a website – becoming ready – has an event for each change of its condition', async (t) => {
  const websites = await startWebsiteCluster(t);
  await websites.startOperator();
  await websites.createWebsite('shop');
  await websites.ready('shop');

  const reasons = await websites.eventually(async () => {
    const { items } = await websites.core.listNamespacedEvent({
      namespace: 'default',
      fieldSelector: 'involvedObject.kind=Website,involvedObject.name=shop',
    });
    return items.length >= 2 && items.map(({ reason }) => reason).sort();
  });

  assert.deepEqual(reasons, ['AllReplicasReady', 'WaitingForReplicas']);
});

test('a website – changed – changes its deployment and forgets an alias that is gone', async (t) => {
  const websites = await startWebsiteCluster(t);
  await websites.startOperator();
  await websites.createWebsite('shop', { host: 'shop.example.com', aliases: ['old.example.com'] });
  const shop = await websites.ready('shop');

  await websites.objects.replace({
    ...shop,
    spec: { ...shop.spec, aliases: ['new.example.com'], replicas: 3 },
  });

  await websites.eventually(async () => (await websites.website('shop')).status?.readyReplicas === 3);
  assert.deepEqual(Object.keys(await hostsIn(websites)).sort(), ['new.example.com', 'shop.example.com']);
});

test('a deployment – that someone else scales or deletes – is put right again', async (t) => {
  const websites = await startWebsiteCluster(t);
  await websites.startOperator();
  await websites.createWebsite('shop');
  await websites.ready('shop');
  const { metadata } = await deploymentOf(websites, 'shop');

  await websites.objects.patch({ ...deployment('shop'), spec: { replicas: 7 } } as KubernetesObject);
  await websites.eventually(async () => (await deploymentOf(websites, 'shop')).spec?.replicas === 1);

  await websites.objects.delete(deployment('shop'));
  await websites.eventually(async () => {
    const again = await deploymentOf(websites, 'shop').catch(() => undefined);
    return again && again.metadata?.uid !== metadata?.uid;
  });
  await websites.ready('shop');
});

test('a website – deleted – takes its hosts out of the table before it goes, and all that it owns after', async (t) => {
  const websites = await startWebsiteCluster(t);
  const operator = await websites.startOperator();
  await websites.createWebsite('shop');
  await websites.createWebsite('blog');
  await websites.ready('shop');
  await websites.ready('blog');
  await operator.stop();

  await websites.objects.delete({ apiVersion, kind, metadata: inDefault('shop') });
  const waiting = await websites.website('shop');
  assert.ok(waiting.metadata?.deletionTimestamp, 'without the operator it stays: its finalizer is set');

  await websites.startOperator();
  await websites.eventually(
    async () => (await websites.website('shop').catch(() => undefined)) === undefined,
  );
  assert.deepEqual(Object.keys(await hostsIn(websites)), ['blog.default.sites.example.com']);
  await websites.eventually(
    async () => (await deploymentOf(websites, 'shop').catch(() => undefined)) === undefined,
  );
});

test('a website – that cannot be made – says why, and is tried again after a while', async (t) => {
  const websites = await startWebsiteCluster(t);
  await websites.startOperator();
  const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: inDefault('no-more-services') };
  await websites.objects.create({ ...quota, spec: { hard: { 'count/services': '1' } } } as KubernetesObject);
  await websites.eventually(async () => {
    const { status } = await websites.core.readNamespacedResourceQuota(inDefault('no-more-services'));
    return status?.used?.['count/services'] === '1';
  });

  await websites.createWebsite('shop');

  const condition = await websites.eventually(async () => {
    const found = readyCondition((await websites.website('shop')).status);
    return found?.reason === 'ReconcileFailed' && found;
  });
  assert.match(condition.message, /^services "shop" is forbidden: exceeded quota: no-more-services/);

  await websites.objects.delete(quota);
  await websites.cluster.clock.advance(60_000); // longer than any pause between two attempts
  await websites.ready('shop');
});

function deployment(name: string) {
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: inDefault(name) };
}

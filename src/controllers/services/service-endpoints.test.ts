/**
 * The pods of a Deployment behind a service, by way of all controllers that are part of it, against a real
 * API server.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  deployments,
  endpointSlices,
  endpoints as endpointsType,
  services,
} from '#api/generated/kinds.gen.ts';
import { withKeptPods } from '#testing/controllers/pod-keeper.ts';
import { deployment } from '../workloads/deployment/deployment.ts';
import { replicaSet } from '../workloads/replica-set/replica-set.ts';
import { endpointSlice } from './endpoint-slice.ts';
import { endpointSliceMirroring } from './endpoint-slice-mirroring.ts';
import { endpoints } from './endpoints.ts';

const namespace = 'default';
const labels = { app: 'web' };
const all = [deployment, replicaSet, endpoints, endpointSlice, endpointSliceMirroring];
const template = (image: string) => ({
  metadata: { labels },
  spec: { containers: [{ name: 'c', image, ports: [{ name: 'http', containerPort: 8080 }] }] },
});
const web = {
  metadata: { name: 'web', namespace },
  spec: { replicas: 3, selector: { matchLabels: labels }, template: template('v1') },
};

test('a service – it finds its ready pods, in Endpoints and in slices', () =>
  withKeptPods(all, async (cluster, keeper) => {
    const { client, eventually } = cluster;
    const ports = [{ port: 80, targetPort: 'http', protocol: 'TCP' }];
    const selecting = { selector: labels, ports, clusterIP: 'None' };
    await client.create(services, { metadata: { name: 'web', namespace }, spec: selecting });
    await client.create(deployments, web);
    const slices = () =>
      client.list(endpointSlices, { namespace, labelSelector: 'kubernetes.io/service-name=web' });
    await eventually('three ready endpoints', async () => {
      const ready = (await slices()).items.flatMap(({ endpoints: found }) => found ?? []);
      return (ready.length === 3 && ready.every(({ conditions }) => conditions?.ready)) || undefined;
    });
    assert.equal((await slices()).items[0]?.ports?.[0]?.port, 8080);
    const { metadata } = await eventually('Endpoints', async () => {
      const found = await client.get(endpointsType, { namespace, name: 'web' }).catch(() => undefined);
      return found?.subsets?.[0]?.addresses?.length === 3 ? found : undefined;
    });
    assert.equal(metadata.labels?.['service.kubernetes.io/headless'], '');

    keeper.refuseImage = 'v2';
    await client.patch(deployments, { namespace, name: 'web' }, 'merge', {
      spec: { template: template('v2') },
    });
    await eventually('an endpoint that is not ready beside the three', async () => {
      const found = (await slices()).items.flatMap(({ endpoints: now }) => now ?? []);
      const ready = found.filter(({ conditions }) => conditions?.ready);
      return (ready.length === 3 && found.length === 4) || undefined;
    });
  }));

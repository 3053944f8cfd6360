/** Services: their life as objects, their endpoints, and what changing their type does. */

import assert from 'node:assert/strict';
import { endpointSlices, endpoints, services } from '#api/generated/kinds.gen.ts';
import type { ServiceSpec } from '#api/generated/types.gen.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';
import { deletePod, podOf, shell, start } from '../common/running.ts';
import { change } from '../shared/workloads.ts';
import {
  answers,
  ask,
  createService,
  isReachable,
  naming,
  resolves,
  startAsker,
  startNamingPods,
} from './asking.ts';
import { sessionAffinity } from './session-affinity.ts';
import { askByUdp, startUdpAsker, udpServer } from './udp.ts';

/**
 * Pod names and the ports they have in the service's endpoints, as Endpoints and EndpointSlices both must
 * tell.
 */
async function hasEndpoints(
  context: BehaviourContext,
  name: string,
  expected: Record<string, readonly number[]>,
): Promise<void> {
  const { client, namespace } = context;
  await context.eventually(`${name} has the endpoints ${JSON.stringify(expected)}`, async () => {
    const { subsets = [] } = await client.get(endpoints, { namespace, name });
    const old = subsets.flatMap(({ addresses = [], ports = [] }) =>
      addresses.flatMap(({ targetRef }) => ports.map(({ port }) => `${targetRef?.name} ${port}`)),
    );
    const labelSelector = `kubernetes.io/service-name=${name}`;
    const { items } = await client.list(endpointSlices, { namespace, labelSelector });
    const current = items.flatMap((slice) =>
      (slice.endpoints ?? []).flatMap(({ targetRef }) =>
        (slice.ports ?? []).map(({ port }) => `${targetRef?.name} ${port}`),
      ),
    );
    const wanted = Object.entries(expected).flatMap(([pod, ports]) => ports.map((port) => `${pod} ${port}`));
    assert.deepEqual(old.sort(), wanted.sort());
    assert.deepEqual(current.sort(), wanted);
    return true;
  });
}

/** A pod that serves on a named port. */
function startPortPod(
  context: BehaviourContext,
  name: string,
  ports: { name: string; containerPort: number }[],
) {
  const servers = ports.map(({ containerPort }) => `httpd -p ${containerPort} -h /srv`);
  const command = shell(`mkdir /srv; hostname > /srv/index.html; ${servers.join('; ')}; exec sleep 100000`);
  const pod = podOf(context, name, { command, ports });
  return start(context, { ...pod, metadata: { ...pod.metadata, labels: { app: 'ports' } } });
}

function edit({ client, namespace }: BehaviourContext, name: string, change_: (spec: ServiceSpec) => void) {
  return change(client, services, { namespace, name }, ({ spec }) => change_(spec!));
}

/** A node port that was given back can be had by another service. */
async function takesNodePort(context: BehaviourContext, nodePort: number): Promise<void> {
  const ports = [{ ...naming.ports[0]!, nodePort }];
  const { spec } = await createService(context, 'next', { ...naming, type: 'NodePort', ports });
  assert.equal(spec?.ports?.[0]?.nodePort, nodePort);
  await isReachable(context, 'next');
}

/** From a service with an address to a mere name for another service. */
function becomesName(type: 'ClusterIP' | 'NodePort'): Behaviour {
  return behaviour(
    `[sig-network] Services should be able to change the type from ${type} to ExternalName [Conformance]`,
    async (context) => {
      const { namespace } = context;
      await startNamingPods(context, 1);
      await startAsker(context);
      await createService(context, 'target', naming);
      const made = await createService(context, 'changing', { ...naming, type });
      assert.match(made.spec?.clusterIP ?? '', /^\d/);
      assert.equal(Boolean(made.spec?.ports?.[0]?.nodePort), type === 'NodePort');
      const externalName = `target.${namespace}.svc.cluster.local`;
      const { spec } = await edit(context, 'changing', (spec) => {
        spec.type = 'ExternalName';
        spec.externalName = externalName;
      });
      assert.equal(spec?.clusterIP ?? '', '');
      assert.equal(spec?.ports?.[0]?.nodePort, undefined);
      const nodePort = made.spec?.ports?.[0]?.nodePort;
      if (nodePort !== undefined) await takesNodePort(context, nodePort);
      await resolves(context, 'cname', `changing.${namespace}.svc.cluster.local`, externalName);
      await answers(context, 'changing', 80);
    },
  );
}

function getsAddress(type: 'ClusterIP' | 'NodePort'): Behaviour {
  return behaviour(
    `[sig-network] Services should be able to change the type from ExternalName to ${type} [Conformance]`,
    async (context) => {
      await startNamingPods(context, 1);
      await startAsker(context);
      const spec = { type: 'ExternalName' as const, externalName: 'foo.example.com' };
      assert.equal((await createService(context, 'changing', spec)).spec?.clusterIP ?? '', '');
      await edit(context, 'changing', (spec) => {
        spec.type = type;
        delete spec.externalName;
        Object.assign(spec, naming);
      });
      await isReachable(context, 'changing');
    },
  );
}

/** TCP and UDP on the same port, each of them taken away from the service and given back. */
async function provesProtocols(context: BehaviourContext): Promise<void> {
  const tcp = { name: 'tcp', port: 80, protocol: 'TCP' as const };
  const udp = { name: 'udp', port: 80, protocol: 'UDP' as const };
  await startAsker(context);
  await startUdpAsker(context);
  const command = shell('mkdir /srv; hostname > /srv/index.html; exec httpd -f -p 80 -h /srv');
  await start(context, podOf(context, 'server', { command }, { containers: [await udpServer(context, 80)] }));
  const ports = [tcp, udp];
  const { spec } = await createService(context, 'both', { selector: { name: 'server' }, ports });
  const ip = spec!.clusterIP!;
  const serves = async (byTcp: boolean, byUdp: boolean) => {
    await context.eventually(`TCP is ${byTcp ? '' : 'not '}served`, async () => {
      return ((await ask(context, ip, 80).catch(() => '')) === 'server') === byTcp;
    });
    await context.eventually(`UDP is ${byUdp ? '' : 'not '}served`, async () => {
      return ((await askByUdp(context, ip, 80)) === 'server') === byUdp;
    });
  };
  const keepOnly = (port: typeof tcp | typeof udp) =>
    edit(context, 'both', (spec) => {
      spec.ports = [port];
    });
  await serves(true, true);
  await keepOnly(tcp);
  await serves(true, false);
  await keepOnly(udp);
  await serves(false, true);
}

export const service: readonly Behaviour[] = [
  behaviour(
    '[sig-network] Services should find a service from listing all namespaces [Conformance]',
    async ({ client }) => {
      const { items } = await client.list(services);
      assert.ok(
        items.some(({ metadata }) => metadata.name === 'kubernetes' && metadata.namespace === 'default'),
      );
    },
  ),
  behaviour(
    '[sig-network] Services should delete a collection of services [Conformance]',
    async (context) => {
      const { client, namespace } = context;
      const ports = [{ name: 'http', port: 80 }];
      const names = ['one', 'two', 'three'];
      for (const name of names) {
        const labels: Record<string, string> = name === 'one' ? {} : { collected: 'yes' };
        await client.create(services, { metadata: { name, namespace, labels }, spec: { ports } });
      }
      assert.equal((await client.list(services, { namespace })).items.length, 3);
      await client.deleteCollection(services, { namespace, labelSelector: 'collected=yes' });
      await context.eventually('one service is left', async () => {
        const { items } = await client.list(services, { namespace });
        assert.deepEqual(
          items.map(({ metadata }) => metadata.name),
          ['one'],
        );
        return true;
      });
    },
  ),
  behaviour(
    '[sig-network] Services should complete a service status lifecycle [Conformance]',
    async (context) => {
      const { client, namespace } = context;
      const key = { namespace, name: 'living' };
      await createService(context, 'living', { type: 'LoadBalancer', ports: [{ name: 'http', port: 80 }] });
      assert.equal((await client.get(services, key, 'status')).metadata.name, 'living');
      const annotations = { patchedstatus: 'true' };
      const status = { loadBalancer: { ingress: [{ ip: '203.0.113.1' }] } };
      const patched = await client.patch(
        services,
        key,
        'merge',
        { metadata: { annotations }, status },
        { subresource: 'status' },
      );
      assert.equal(patched.status?.loadBalancer?.ingress?.[0]?.ip, '203.0.113.1');
      assert.equal(patched.metadata.annotations?.['patchedstatus'], 'true');
      const condition = {
        type: 'StatusUpdate',
        status: 'True' as const,
        reason: 'E2E',
        message: 'set',
        lastTransitionTime: '2024-01-01T00:00:00Z',
      };
      await change(
        client,
        services,
        key,
        (object) => {
          object.status = { ...object.status, conditions: [condition] };
        },
        'status',
      );
      assert.equal((await client.get(services, key)).status?.conditions?.[0]?.type, 'StatusUpdate');
      await client.patch(services, key, 'strategic', { metadata: { labels: { patched: 'yes' } } });
      assert.equal((await client.get(services, key)).metadata.labels?.['patched'], 'yes');
      await client.delete(services, key);
    },
  ),
  behaviour(
    '[sig-network] Services should serve a basic endpoint from pods [Conformance]',
    async (context) => {
      await createService(context, 'basic', { selector: { app: 'ports' }, ports: [{ port: 80 }] });
      await hasEndpoints(context, 'basic', {});
      await startAsker(context);
      await startPortPod(context, 'pod1', [{ name: 'http', containerPort: 80 }]);
      await hasEndpoints(context, 'basic', { pod1: [80] });
      assert.equal(await answers(context, 'basic', 80), 'pod1');
      await startPortPod(context, 'pod2', [{ name: 'http', containerPort: 80 }]);
      await hasEndpoints(context, 'basic', { pod1: [80], pod2: [80] });
      await answers(context, 'basic', 80);
      await deletePod(context, 'pod1');
      await hasEndpoints(context, 'basic', { pod2: [80] });
      assert.equal(await answers(context, 'basic', 80), 'pod2');
      await deletePod(context, 'pod2');
      await hasEndpoints(context, 'basic', {});
    },
  ),
  behaviour(
    '[sig-network] Services should serve multiport endpoints from pods [Conformance]',
    async (context) => {
      const ports = [
        { name: 'portname1', port: 80, targetPort: 'svc1' },
        { name: 'portname2', port: 81, targetPort: 'svc2' },
      ];
      await createService(context, 'multi', { selector: { app: 'ports' }, ports });
      await hasEndpoints(context, 'multi', {});
      await startAsker(context);
      await startPortPod(context, 'pod1', [{ name: 'svc1', containerPort: 100 }]);
      await hasEndpoints(context, 'multi', { pod1: [100] });
      await startPortPod(context, 'pod2', [{ name: 'svc2', containerPort: 101 }]);
      await hasEndpoints(context, 'multi', { pod1: [100], pod2: [101] });
      assert.equal(await answers(context, 'multi', 80), 'pod1');
      assert.equal(await answers(context, 'multi', 81), 'pod2');
      await deletePod(context, 'pod1');
      await hasEndpoints(context, 'multi', { pod2: [101] });
      await deletePod(context, 'pod2');
      await hasEndpoints(context, 'multi', {});
    },
  ),
  behaviour(
    '[sig-network] Services should be able to create a functioning NodePort service [Conformance]',
    async (context) => {
      await startNamingPods(context, 2);
      await startAsker(context);
      await createService(context, 'on-nodes', { ...naming, type: 'NodePort' });
      await isReachable(context, 'on-nodes');
    },
  ),
  becomesName('ClusterIP'),
  becomesName('NodePort'),
  getsAddress('ClusterIP'),
  getsAddress('NodePort'),
  behaviour(
    '[sig-network] Services should serve endpoints on same port and different protocols [Conformance]',
    provesProtocols,
  ),
  ...sessionAffinity,
];

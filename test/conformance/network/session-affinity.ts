/** Services that keep a client with one pod, and services that do not. */

import assert from 'node:assert/strict';
import { services } from '#api/generated/kinds.gen.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';
import { change } from '../shared/workloads.ts';
import {
  askedManyTimes,
  createService,
  isReachable,
  naming,
  nodeAddress,
  startAsker,
  startNamingPods,
} from './asking.ts';

const requests = 20;

async function isSticky(
  context: BehaviourContext,
  host: string,
  port: number,
  sticky: boolean,
): Promise<void> {
  await context.eventually(`${host}:${port} is ${sticky ? 'one pod' : 'several pods'}`, async () => {
    const pods = [...(await askedManyTimes(context, host, port, requests))];
    assert.ok(!pods.includes('failed'), 'a request failed');
    assert.ok(sticky ? pods.length === 1 : pods.length > 1, `answered by ${pods.join(', ')}`);
    return true;
  });
}

function affinity(codename: string, type: 'ClusterIP' | 'NodePort', switched: boolean): Behaviour {
  return behaviour(codename, async (context) => {
    const { client, namespace } = context;
    await startNamingPods(context, 3);
    await startAsker(context);
    const made = await createService(context, 'sticky', { ...naming, type, sessionAffinity: 'ClientIP' });
    assert.match(made.spec?.clusterIP ?? '', /^\d/);
    await isReachable(context, 'sticky');
    const [host, port] =
      type === 'ClusterIP'
        ? [made.spec!.clusterIP!, 80]
        : [await nodeAddress(context), made.spec?.ports?.[0]?.nodePort ?? 0];
    assert.ok(port > 0, 'no node port was given');
    await isSticky(context, host, port, true);
    if (!switched) return;
    for (const [sessionAffinity, sticky] of [
      ['None', false],
      ['ClientIP', true],
    ] as const) {
      await change(client, services, { namespace, name: 'sticky' }, ({ spec }) => {
        spec!.sessionAffinity = sessionAffinity;
        if (!sticky) delete spec!.sessionAffinityConfig;
      });
      await isSticky(context, host, port, sticky);
    }
  });
}

const linux = '[LinuxOnly] [Conformance]';

export const sessionAffinity: readonly Behaviour[] = [
  affinity(
    `[sig-network] Services should have session affinity work for service with type clusterIP ${linux}`,
    'ClusterIP',
    false,
  ),
  affinity(
    `[sig-network] Services should be able to switch session affinity for service with type clusterIP ${linux}`,
    'ClusterIP',
    true,
  ),
  affinity(
    `[sig-network] Services should have session affinity work for NodePort service ${linux}`,
    'NodePort',
    false,
  ),
  affinity(
    `[sig-network] Services should be able to switch session affinity for NodePort service ${linux}`,
    'NodePort',
    true,
  ),
];

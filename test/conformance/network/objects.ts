/**
 * The kinds of networking as objects: ingresses and their classes, addresses and the ranges they come from.
 */

import assert from 'node:assert/strict';
import {
  endpointSlices,
  ingressClasses,
  ingresses,
  ipAddresses,
  serviceCIDRs,
} from '#api/generated/kinds.gen.ts';
import type { ObjectKey } from '#client/client.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';
import { livesAsObject } from '../shared/object-life.ts';
import { change } from '../shared/workloads.ts';

const status = { subresource: 'status' };

async function hasIngressStatus({ client }: BehaviourContext, key: ObjectKey): Promise<void> {
  const { spec } = await client.get(ingresses, key);
  const at = (ip: string) => ({ loadBalancer: { ingress: [{ ip }] } });
  const patch = { metadata: { annotations: { patchedstatus: 'true' } }, status: at('169.1.1.1') };
  const patched = await client.patch(ingresses, key, 'merge', patch, status);
  assert.deepEqual(patched.status, at('169.1.1.1'));
  assert.equal(patched.metadata.annotations?.['patchedstatus'], 'true');
  const set = (ingress: typeof patched) => {
    ingress.status = at('169.1.1.2');
  };
  await change(client, ingresses, key, set, 'status');
  const read = await client.get(ingresses, key, 'status');
  assert.deepEqual([read.status, read.spec], [at('169.1.1.2'), spec]);
}

async function ingressesLive(context: BehaviourContext): Promise<void> {
  const service = { name: 'default-backend', port: { number: 80 } };
  await livesAsObject(context, ingresses, {
    body: () => ({ spec: { defaultBackend: { service } } }),
    subresources: ['status'],
    during: (key) => hasIngressStatus(context, key),
  });
}

async function hasRangeStatus({ client }: BehaviourContext, key: ObjectKey): Promise<void> {
  const condition = (reason: string) => ({
    type: 'e2e.example.com/set',
    status: 'True' as const,
    reason,
    message: 'set',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  });
  const reasonOf = (conditions: { type: string; reason?: string }[] = []) =>
    conditions.find(({ type }) => type === 'e2e.example.com/set')?.reason;
  const body = { status: { conditions: [condition('Patched')] } };
  const patched = await client.patch(serviceCIDRs, key, 'strategic', body, status);
  assert.equal(reasonOf(patched.status?.conditions), 'Patched');
  await change(
    client,
    serviceCIDRs,
    key,
    (serviceCIDR) => {
      const others = (serviceCIDR.status?.conditions ?? []).filter(({ type }) => type !== condition('').type);
      serviceCIDR.status = { conditions: [...others, condition('Updated')] };
    },
    'status',
  );
  assert.equal(reasonOf((await client.get(serviceCIDRs, key, 'status')).status?.conditions), 'Updated');
}

export const ingressArea: readonly Behaviour[] = [
  behaviour(
    '[sig-network] Ingress API should support creating Ingress API operations [Conformance]',
    ingressesLive,
  ),
];

export const ingressClassArea: readonly Behaviour[] = [
  behaviour(
    '[sig-network] IngressClass API should support creating IngressClass API operations [Conformance]',
    (context) =>
      livesAsObject(context, ingressClasses, {
        body: (index) => ({ spec: { controller: `example.com/controller-${index}` } }),
      }),
  ),
];

export const serviceCidrsArea: readonly Behaviour[] = [
  behaviour(
    '[sig-network] ServiceCIDR and IPAddress API should support ServiceCIDR API operations [Conformance]',
    (context) =>
      livesAsObject(context, serviceCIDRs, {
        body: (index) => ({ spec: { cidrs: [`203.0.113.${index * 32}/28`] } }),
        subresources: ['status'],
        during: (key) => hasRangeStatus(context, key),
      }),
  ),
  behaviour(
    '[sig-network] ServiceCIDR and IPAddress API should support IPAddress API operations [Conformance]',
    (context) =>
      livesAsObject(context, ipAddresses, {
        nameOf: (index) => `192.0.2.${index + 1}`,
        body: () => ({
          spec: { parentRef: { group: 'e2e.example.com', resource: 'foos', namespace: 'bar', name: 'baz' } },
        }),
      }),
  ),
];

export const slicesAsObjects: Behaviour = behaviour(
  '[sig-network] EndpointSlice should support creating EndpointSlice API operations [Conformance]',
  (context) =>
    livesAsObject(context, endpointSlices, {
      body: (index) => ({
        addressType: 'IPv4',
        endpoints: [{ addresses: [`10.1.2.${index}`], conditions: { ready: true, serving: true } }],
        ports: [{ name: 'http', port: 80, protocol: 'TCP' as const }],
      }),
    }),
);

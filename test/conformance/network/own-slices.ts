/**
 * Endpoints that no controller made: slices of a service without selector, and Endpoints that are mirrored.
 */

import assert from 'node:assert/strict';
import { endpointSlices, endpoints } from '#api/generated/kinds.gen.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';
import { podOf, shell, start } from '../common/running.ts';
import { ask, createService, startAsker } from './asking.ts';

const serviceName = 'kubernetes.io/service-name';
const ports = [
  { name: 'port80', port: 80 },
  { name: 'port81', port: 81 },
];

/** Answers with its name on some ports. */
async function startServer(context: BehaviourContext, name: string, listening: number[]): Promise<string> {
  const servers = listening.map((port) => `httpd -p ${port} -h /srv`);
  const command = shell(`mkdir /srv; hostname > /srv/index.html; ${servers.join('; ')}; exec sleep 100000`);
  return (await start(context, podOf(context, name, { command }))).status!.podIP!;
}

async function createSlice(
  { client, namespace }: BehaviourContext,
  name: string,
  address: string,
  port: number,
): Promise<void> {
  await client.create(endpointSlices, {
    metadata: { name: `own-${name}`, namespace, labels: { [serviceName]: 'own' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [address] }],
    ports: [{ name, port, protocol: 'TCP' }],
  });
}

async function leadsTo(context: BehaviourContext, host: string, port: number, pod: string): Promise<void> {
  await context.eventually(`port ${port} leads to ${pod}`, async () => {
    assert.equal(await ask(context, host, port), pod);
    return true;
  });
}

async function severalPorts(context: BehaviourContext): Promise<void> {
  await startAsker(context);
  const { spec } = await createService(context, 'own', { ports });
  const address = await startServer(context, 'server', [8090, 9090]);
  await createSlice(context, 'port80', address, 8090);
  await createSlice(context, 'port81', address, 9090);
  await leadsTo(context, spec!.clusterIP!, 80, 'server');
  await leadsTo(context, spec!.clusterIP!, 81, 'server');
}

async function severalAddresses(context: BehaviourContext): Promise<void> {
  await startAsker(context);
  const { spec } = await createService(context, 'own', { ports });
  await createSlice(context, 'port80', await startServer(context, 'one', [8090]), 8090);
  await createSlice(context, 'port81', await startServer(context, 'two', [9090]), 9090);
  await leadsTo(context, spec!.clusterIP!, 80, 'one');
  await leadsTo(context, spec!.clusterIP!, 81, 'two');
}

async function mirrors(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const key = { namespace, name: 'custom' };
  await createService(context, 'custom', { ports: [{ name: 'example', port: 80 }] });
  const subsets = (ip: string) => [{ ports: [{ port: 80 }], addresses: [{ ip }] }];
  const becomes = (expected: unknown[]) =>
    context.eventually(`the slices are ${JSON.stringify(expected)}`, async () => {
      const labelSelector = `${serviceName}=custom`;
      const { items } = await client.list(endpointSlices, { namespace, labelSelector });
      const reported = items.map((slice) => [
        slice.ports?.map(({ port }) => port),
        slice.endpoints?.map(({ addresses }) => addresses),
      ]);
      assert.deepEqual(reported, expected);
      return true;
    });
  const made = await client.create(endpoints, { metadata: key, subsets: subsets('10.1.2.3') });
  await becomes([[[80], [['10.1.2.3']]]]);
  await client.update(endpoints, { ...made, subsets: subsets('10.2.3.4') });
  await becomes([[[80], [['10.2.3.4']]]]);
  await client.delete(endpoints, key);
  await becomes([]);
}

const prefix = '[sig-network] EndpointSlice should support a Service with multiple';

export const ownSlices: readonly Behaviour[] = [
  behaviour(`${prefix} ports specified in multiple EndpointSlices [Conformance]`, severalPorts),
  behaviour(`${prefix} endpoint IPs specified in multiple EndpointSlices [Conformance]`, severalAddresses),
];

export const mirroring: readonly Behaviour[] = [
  behaviour(
    '[sig-network] EndpointSliceMirroring should mirror a custom Endpoints resource through create update and delete [Conformance]',
    mirrors,
  ),
];

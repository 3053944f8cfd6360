/** A pod that asks others in the cluster: by HTTP, by UDP, and the cluster's DNS. */

import assert from 'node:assert/strict';
import { deployments, nodes, services } from '#api/generated/kinds.gen.ts';
import type { PodSpec, Service, ServiceSpec } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import type { BehaviourContext } from '../behaviour.ts';
import { podOf, shell, start } from '../common/running.ts';
import { namingPod, template } from '../shared/workloads.ts';

export async function startAsker(context: BehaviourContext): Promise<void> {
  await start(context, podOf(context, 'asker'));
}

/** What answers to an HTTP GET, without the line's end; fails without an answer. */
export async function ask(context: BehaviourContext, host: string, port: number): Promise<string> {
  const script = `timeout 3 wget -qO- http://${host}:${port}/`;
  return (await context.exec('asker', shell(script))).trim();
}

export async function answers(context: BehaviourContext, host: string, port: number): Promise<string> {
  let answer = '';
  await context.eventually(`${host}:${port} answers`, async () => {
    answer = await ask(context, host, port);
    return answer !== '';
  });
  return answer;
}

/** Which pods answered so many requests, one connection each. */
export async function askedManyTimes(
  context: BehaviourContext,
  host: string,
  port: number,
  times: number,
): Promise<Set<string>> {
  const script = `for i in $(seq ${times}); do timeout 3 wget -qO- http://${host}:${port}/ || echo failed; done`;
  return new Set((await context.exec('asker', shell(script))).trim().split('\n'));
}

/** The address of the cluster's only node, which is where node ports are. */
export async function nodeAddress({ client }: BehaviourContext): Promise<string> {
  const { items } = await client.list(nodes);
  const address = items[0]?.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
  assert.ok(address, 'the node has no internal address');
  return address;
}

export function createService(
  { client, namespace }: BehaviourContext,
  name: string,
  spec: ServiceSpec,
): Promise<Stored<Service>> {
  return client.create(services, { metadata: { name, namespace, labels: { name } }, spec });
}

/** Pods that answer with their names on port 9376, labelled `app: naming`. */
export async function startNamingPods(
  context: BehaviourContext,
  replicas: number,
  pod?: PodSpec,
): Promise<void> {
  const { client, namespace } = context;
  const labels = { app: 'naming' };
  await client.create(deployments, {
    metadata: { name: 'naming', namespace },
    spec: { replicas, selector: { matchLabels: labels }, template: template(labels, pod ?? namingPod()) },
  });
  await context.eventually(`${replicas} pods answer`, async () => {
    const { status } = await client.get(deployments, { namespace, name: 'naming' });
    return status?.availableReplicas === replicas;
  });
}

/** Its cluster IP, its name and, if it has one, its port on the node all lead to the pods. */
export async function isReachable(context: BehaviourContext, name: string): Promise<void> {
  const { client, namespace } = context;
  const { spec } = await client.get(services, { namespace, name });
  const [{ port, nodePort }] = spec!.ports! as [{ port: number; nodePort?: number }];
  await answers(context, name, port);
  await answers(context, spec!.clusterIP!, port);
  if (spec!.type === 'NodePort') {
    assert.ok(nodePort && nodePort >= 30000, `node port ${nodePort}`);
    await answers(context, await nodeAddress(context), nodePort);
  }
}

export const naming = { selector: { app: 'naming' }, ports: [{ port: 80, targetPort: 9376 }] };

/** The answer of the cluster's DNS; an empty text when there is no such name. */
export async function lookUp(context: BehaviourContext, type: string, name: string): Promise<string> {
  return context.exec('asker', shell(`nslookup -type=${type} ${name} || true`));
}

export async function resolves(
  context: BehaviourContext,
  type: 'a' | 'cname' | 'srv' | 'ptr',
  name: string,
  expected: string,
): Promise<void> {
  await context.eventually(`${type} of ${name} shows ${expected}`, async () => {
    const reported = await lookUp(context, type, name);
    // The first lines name the DNS server.
    const answer = reported.slice(reported.indexOf('\n\n') + 1);
    assert.ok(answer.includes(expected), reported);
    return true;
  });
}

/**
 * The same for a name that only a resolver completes. busybox's nslookup completes no name with a dot in it,
 * so an address is asked for through the C library, and for other types each search domain is tried here.
 */
export async function resolvesPartly(
  context: BehaviourContext,
  type: 'a' | 'srv',
  name: string,
  expected: string,
): Promise<void> {
  const eachDomain = `for domain in $(sed -n 's/^search //p' /etc/resolv.conf); do nslookup -type=${type} ${name}.$domain; done`;
  const script = type === 'a' ? `ping -c 1 -W 1 ${name} | head -1` : eachDomain;
  await context.eventually(`${type} of ${name} shows ${expected}`, async () => {
    const reported = await context.exec('asker', shell(`${script}; true`));
    assert.ok(reported.includes(expected), reported);
    return true;
  });
}

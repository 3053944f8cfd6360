/** Runs one behaviour in a namespace of its own and reports the result. */

import { namespaces, serviceAccounts } from '#api/generated/kinds.gen.ts';
import type { Client } from '#client/client.ts';
import { eventually, kubectl, type TestCluster } from '../support/cluster.ts';
import type { Behaviour, BehaviourContext } from './behaviour.ts';

export interface Result {
  readonly codename: string;
  /** Undefined when it passed. */
  readonly failure?: string;
  readonly durationMs: number;
}

const limitMs = 300_000;
const label = 'e2e-run';

/** Selects the namespaces that behaviours ran in. */
export const ownNamespaces = `${label}=conformance`;

export async function runBehaviour(
  behaviour: Behaviour,
  cluster: TestCluster,
  client: Client,
  index: number,
): Promise<Result> {
  const namespace = `conformance-${index}`;
  const cleanUps: (() => Promise<unknown>)[] = [];
  const began = performance.now();
  let failure: string | undefined;
  try {
    await client.create(namespaces, { metadata: { name: namespace, labels: { [label]: 'conformance' } } });
    await eventually('the default ServiceAccount', () =>
      client.get(serviceAccounts, { namespace, name: 'default' }),
    );
    const context = contextOf(cluster, client, namespace, (cleanUp) => cleanUps.push(cleanUp));
    await within(behaviour.run(context), behaviour.limitMs ?? limitMs);
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  }
  for (const cleanUp of cleanUps.reverse()) await cleanUp().catch(() => undefined);
  await client.delete(namespaces, { name: namespace }).catch(() => undefined);
  const durationMs = Math.round(performance.now() - began);
  return { codename: behaviour.codename, durationMs, ...(failure === undefined ? {} : { failure }) };
}

export function contextOf(
  cluster: TestCluster,
  client: Client,
  namespace: string,
  after: BehaviourContext['after'],
): BehaviourContext {
  return {
    cluster,
    client,
    namespace,
    kubectl: (...args) => kubectl(cluster, ['-n', namespace, ...args]),
    kubectlInput: (input, ...args) => kubectl(cluster, ['-n', namespace, ...args], input),
    exec: (pod, command, container) =>
      kubectl(cluster, [
        '-n',
        namespace,
        'exec',
        pod,
        ...(container ? ['-c', container] : []),
        '--',
        ...command,
      ]),
    eventually,
    after,
  };
}

function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not over after ${ms / 1000} s`)), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

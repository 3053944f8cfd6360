/**
 * The one shape of a conformance test: the codename upstream gives a behaviour, and the proof that it holds
 * here.
 */

import type { Client } from '#client/client.ts';
import type { TestCluster } from '../support/cluster.ts';

export interface BehaviourContext {
  readonly cluster: TestCluster;
  /** As the cluster's admin, over HTTPS. */
  readonly client: Client;
  /** A namespace of its own, deleted afterwards. */
  readonly namespace: string;
  /** kubectl in that namespace; fails with what it printed. */
  kubectl(...args: string[]): Promise<string>;
  /** The same with something on its standard input. */
  kubectlInput(input: string, ...args: string[]): Promise<string>;
  /** What a command prints inside a pod's container. */
  exec(pod: string, command: readonly string[], container?: string): Promise<string>;
  /** Tries again until `check` neither throws nor returns false. */
  eventually<T>(what: string, check: () => Promise<T> | T, timeoutMs?: number): Promise<T>;
  /** Runs after the behaviour, also when it failed. */
  after(cleanUp: () => Promise<unknown>): void;
}

export interface Behaviour {
  readonly codename: string;
  /** For one that has to wait longer than usual. */
  readonly limitMs?: number;
  run(context: BehaviourContext): Promise<void>;
}

export function behaviour(codename: string, run: Behaviour['run']): Behaviour {
  return { codename, run };
}

/** Images every conformance cluster has: Debian's busybox with all applets, and Debian's nginx. */
export const images = {
  busybox: 'kybern.test/busybox:1',
  nginx: 'kybern.test/nginx:1',
  nginxNew: 'kybern.test/nginx:2',
};

/**
 * `kybern/testing`, for tests of anything that is made for Kubernetes: a whole cluster inside the test's process, in
 * memory, ready in about a tenth of a second. Its types name nothing of kybern's own code.
 */

import { readClusterConfiguration } from '#api/configuration/cluster-configuration.ts';
import type { Clock } from '#base/clock.ts';
import { startCluster as startWholeCluster } from '#cluster/cluster.ts';
import { systemEnv } from '#host/system-env.ts';
import { readYaml } from '#wire/yaml/read.ts';
import { checkMs, checkOptions } from './check-options.ts';
import { MovableClock } from './movable-clock.ts';

export interface TestClusterOptions {
  /** Name of the kubeconfig's context, after `kybern-`. Default `default`. */
  readonly name?: string;
  /** Nodes whose containers are simulated: every image starts at once and stays. Default none. */
  readonly simulatedNodes?: number;
  /** Port of the API server on 127.0.0.1. Default a free one. */
  readonly port?: number;
  /** `memory`, or the path of a SQLite file, with which a later cluster continues. Default memory. */
  readonly store?: 'memory' | { readonly sqlite: string };
  /** YAML, as in the file of `kybern up --config`: arguments of the API server, feature gates, … */
  readonly config?: string;
}

export interface TestCluster extends AsyncDisposable {
  /** `https://127.0.0.1:PORT`. */
  readonly url: string;
  /** YAML, with all rights. */
  readonly kubeconfig: string;
  /** The time of the whole cluster: leases, back-offs, schedules, time-outs, tokens. */
  readonly clock: TestClock;
  /** Ends the cluster; `await using` does it by itself. */
  stop(): Promise<void>;
}

/** Runs with the machine's clock until a test advances it. */
export interface TestClock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Resolves when `ms` have passed; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /**
   * Moves on by `ms` in a moment. Everything that falls due on the way happens, in its order. A client over HTTPS
   * needs real time for each of its requests: advance by less than it can bear, then wait for what it does.
   */
  advance(ms: number): Promise<void>;
}

/** Resolves when the cluster is ready; rejects for options that are not as they are declared. Any number of clusters run side by side. */
export async function startCluster(options: TestClusterOptions = {}): Promise<TestCluster> {
  checkOptions(options);
  const { config, port = 0, ...others } = options;
  const clock = new MovableClock();
  const cluster = await startWholeCluster({
    ...others,
    env: { ...systemEnv(), clock },
    listen: { host: '127.0.0.1', port },
    ...(config === undefined ? {} : { configuration: readClusterConfiguration(readYaml(config).value) }),
  });
  return {
    url: cluster.url,
    kubeconfig: cluster.kubeconfig,
    clock: {
      now: () => clock.now(),
      async advance(ms) {
        checkMs('advance', ms);
        await clock.advance(ms);
      },
      async sleep(ms, signal) {
        checkMs('sleep', ms);
        await sleep(clock, ms, signal);
      },
    },
    stop: () => cluster.stop(),
    [Symbol.asyncDispose]: () => cluster.stop(),
  };
}

/** As long as a test waits, its process lives. */
function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      timer.cancel();
      reject(signal?.reason);
    };
    const wake = () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    };
    const timer = clock.after(ms, wake, { holdsProcess: true });
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
  });
}

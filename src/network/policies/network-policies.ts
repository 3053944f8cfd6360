/**
 * Network policies of one node: keeps its nft table equal to the policies, pods and namespaces of the API. Changes are
 * gathered for a moment and written in one transaction; after a failure the whole table is written again.
 *
 * Reads NetworkPolicies, Pods, Namespaces; writes events about policies that it cannot read.
 */

import type { Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { sleep } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import { countedElsewhere, type Metric } from '#base/metrics/metric.ts';
import type { Client } from '#client/client.ts';
import { createEventRecorder, type EventRecorder } from '#client/events/recorder.ts';
import type { Informers } from '#client/informers/informer.ts';
import { nftKernel, type PolicyKernel } from './kernel.ts';
import { PolicyModel } from './policy-model.ts';
import { PolicyView } from './policy-view.ts';
import { directions } from './rules/compiled-policy.ts';
import { deniedCounter, type PolicyFrame } from './table/frame.ts';

export interface NetworkPoliciesOptions {
  readonly env: Env;
  readonly client: Client;
  readonly informers: Informers;
  readonly nodeName: string;
  readonly frame: PolicyFrame;
  /** Default: that of this process's network namespace. */
  readonly kernel?: PolicyKernel;
}

const gatherMs = 10;
const retryMs = 1000;

export class NetworkPolicies {
  readonly #env: Env;
  readonly #kernel: PolicyKernel;
  readonly #tableName: string;
  readonly #events: EventRecorder;
  readonly #model: PolicyModel;
  readonly #view: PolicyView;
  readonly #ready: Promise<void>;
  readonly #stopped = new AbortController();
  /** Unknown at the start and after a failure. */
  #inKernel: 'unknown' | 'absent' | 'written' = 'unknown';
  #isScheduled = false;
  #writing: Promise<boolean> = Promise.resolve(true);

  constructor(options: NetworkPoliciesOptions) {
    const { env, client, informers, nodeName, frame } = options;
    this.#env = env;
    this.#kernel = options.kernel ?? nftKernel;
    this.#tableName = frame.name;
    this.#events = createEventRecorder({ env, client, component: 'network-policies', host: nodeName });
    this.#model = new PolicyModel(nodeName, frame);
    this.#view = new PolicyView(informers, this.#model, () => this.#schedule());
    this.#ready = this.#view.synced();
    // The table of an earlier start holds until this one knows better.
    void this.#ready.then(() => this.#write());
  }

  /**
   * Resolves when the kernel has the policies of a pod whose containers are to start with these addresses; rejects
   * when aborted.
   */
  async protect(pod: Stored<Pod>, ips: readonly string[], signal: AbortSignal): Promise<void> {
    await this.#ready;
    if (!this.#view.isWatchingPods) return;
    // The first policy may have been seen a moment ago.
    await this.#view.synced();
    signal.throwIfAborted();
    this.#view.podStarts(pod, ips);
    while (!(await this.#write())) await sleep(this.#env.clock, retryMs, signal);
  }

  /** Resolves when all that was seen so far has reached the kernel, or could not be written. */
  async synced(): Promise<void> {
    await this.#view.synced();
    await this.#write();
  }

  /** What the kernel has counted. */
  async metrics(): Promise<Metric[]> {
    const packets = await this.#kernel.packets(this.#tableName);
    return [
      countedElsewhere(
        'kybern_network_policy_denied_packets_total',
        'Packets that network policies dropped, by the direction as the pod of this node sees it.',
        () => directions.map((direction) => [{ direction }, packets.get(deniedCounter(direction)) ?? 0]),
      ),
    ];
  }

  /** Stops watching. The table stays: running pods stay protected while kybern restarts. */
  stop(): void {
    this.#stopped.abort();
    this.#view.stop();
  }

  #schedule(afterMs = gatherMs): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#env.clock.after(afterMs, () => {
      this.#isScheduled = false;
      void this.#ready.then(() => this.#write());
    });
  }

  /** After the writes before it. False: the kernel refused, and it will be tried again. */
  #write(): Promise<boolean> {
    this.#writing = this.#writing.then(() => this.#writeNow());
    return this.#writing;
  }

  async #writeNow(): Promise<boolean> {
    // After stop() the table may have been deleted: it must not be created again.
    if (this.#stopped.signal.aborted) return true;
    this.#model.settle();
    this.#reportProblems();
    try {
      await this.#bringToKernel();
      return true;
    } catch (error) {
      this.#inKernel = 'unknown';
      const text = 'network policies could not be written; the table will be rebuilt';
      this.#env.log.error(text, { error: String(error) });
      this.#schedule(retryMs);
      return false;
    }
  }

  /** Without any guard the node has no table, and its packets meet no hook. */
  async #bringToKernel(): Promise<void> {
    const { table } = this.#model;
    const before = this.#inKernel;
    if (before === 'absent' && table.isEmpty) return;
    this.#inKernel = before === 'unknown' && table.isEmpty ? 'absent' : 'written';
    const whole = () => (table.isEmpty ? `${table.removal()}\n` : table.takeWhole());
    const script = before === 'written' ? table.takeChange() : whole();
    if (script !== '') await this.#kernel.run(script);
  }

  #reportProblems(): void {
    for (const { policy, text } of this.#view.takeProblems()) {
      this.#events.event(policy, 'Warning', 'InvalidPolicy', text);
    }
  }
}

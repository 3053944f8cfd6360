/**
 * The kubelet of a node, held back while it refuses the state that an earlier kubelet left. Upstream's ends then, and the
 * machine's service manager starts it again until an administrator has drained the node and removed the state; the API
 * server, which that takes, must run meanwhile though it is in the same process here.
 */

import type { Env } from '#base/env.ts';
import { Repeater } from '#base/repeater.ts';
import { errorText } from '#base/text/error-text.ts';
import type { KubeNode } from '#kubelet/node/kube-node.ts';
import { StateFileError } from '#kubelet/paths/state-file.ts';
import type { Kubelet } from '#kubelet/start-kubelet.ts';

/** As long as the unit files of distributions wait. */
const retryMs = 10_000;

type Started = Pick<Kubelet, 'node' | 'stop'>;

export class HeldKubelet {
  readonly #env: Env;
  readonly #start: () => Promise<Started>;
  readonly #retries: Repeater;
  readonly #listeners: ((node: KubeNode) => void)[] = [];
  #kubelet: Started | undefined;
  #problem: string | undefined;
  #starting: Promise<void> | undefined;

  private constructor(env: Env, start: () => Promise<Started>) {
    this.#env = env;
    this.#start = start;
    this.#retries = new Repeater(env.clock, retryMs, () => this.#retry());
  }

  /** Rejects when the kubelet cannot start for any other reason than such a state. */
  static async start(env: Env, start: () => Promise<Started>): Promise<HeldKubelet> {
    const held = new HeldKubelet(env, start);
    await held.#try();
    if (held.#problem !== undefined) held.#retries.start();
    return held;
  }

  /** Why it does not run; undefined when it does. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Called once, now or when it runs. */
  whenStarted(listener: (node: KubeNode) => void): void {
    if (this.#kubelet) listener(this.#kubelet.node);
    else this.#listeners.push(listener);
  }

  async stop(): Promise<void> {
    this.#retries.stop();
    await this.#starting;
    await this.#kubelet?.stop();
  }

  async #try(): Promise<void> {
    try {
      this.#kubelet = await this.#start();
    } catch (error) {
      if (!(error instanceof StateFileError)) throw error;
      this.#noteProblem(errorText(error));
      return;
    }
    this.#problem = undefined;
    for (const listener of this.#listeners.splice(0)) listener(this.#kubelet.node);
  }

  #noteProblem(problem: string): void {
    if (problem !== this.#problem) this.#env.log.error('the kubelet does not start', { error: problem });
    this.#problem = problem;
  }

  async #retry(): Promise<void> {
    this.#starting = this.#try().catch((error) => this.#noteProblem(errorText(error)));
    await this.#starting;
    if (this.#kubelet) this.#retries.stop();
  }
}

/**
 * The states of a pod on its node, from its arrival to its end.
 *
 * | state       | entered when                                 | may                                     | left when                           |
 * | ----------- | -------------------------------------------- | --------------------------------------- | ----------------------------------- |
 * | running     | the pod arrives                              | make and start: volumes, sandbox,       | `mustEnd` → terminating             |
 * |             |                                              | containers, probes; grant resizes       |                                     |
 * | terminating | it is deleted or removed, fails as a whole   | end containers, run preStop hooks,      | nothing runs any more and all is    |
 * |             | (`Failure`), or has reached a final phase    | probe readiness; starts nothing         | cleaned up → terminated             |
 * | terminated  | volumes, control groups and probes are gone  | delete it from the API if it is being   | `remove` → gone                     |
 * |             |                                              | deleted                                 |                                     |
 * | gone        | it is terminated and removed from the API    | remove containers, sandboxes and logs   | never; the node forgets the worker  |
 *
 * What each guarantees: before *terminating* no container is stopped for good; in and after *terminating*
 * none is started; from *terminated* on the pod has no container, volume or control group on this node, and
 * its status is final; once *gone* nothing of it is written to the API.
 *
 * Its removal from the API may come in any state: it ends a running pod and shortens the grace of a
 * terminating one.
 */

import { isStaticPod } from '#api/pods/system-priority.ts';
import { gracePeriodSeconds, type NodePod } from '../pod/pod.ts';
import type { Failure } from './status/pod-report.ts';

type State =
  | { readonly name: 'running' }
  | { readonly name: 'terminating'; readonly failure: Failure | undefined; readonly isRemoved: boolean }
  | { readonly name: 'terminated' }
  | { readonly name: 'gone' };

export class PodLife {
  #state: State = { name: 'running' };

  get isRunning(): boolean {
    return this.#state.name === 'running';
  }

  get isTerminated(): boolean {
    return this.#state.name === 'terminated';
  }

  get isGone(): boolean {
    return this.#state.name === 'gone';
  }

  /** Why the pod fails as a whole; undefined while it does not, and once it is terminated. */
  get failure(): Failure | undefined {
    return this.#state.name === 'terminating' ? this.#state.failure : undefined;
  }

  /** The API server no longer has it. */
  get isRemoved(): boolean {
    return this.isGone || (this.#state.name === 'terminating' && this.#state.isRemoved);
  }

  /** What its containers get to end. A static pod whose manifest is gone has its own grace period all the same. */
  graceSeconds(pod: NodePod): number {
    const own = gracePeriodSeconds(pod);
    const isHurried = this.isRemoved && !isStaticPod(pod);
    return Math.min(own, this.failure?.graceSeconds ?? own, isHurried ? 1 : own);
  }

  /** What it requests is not free for other pods. */
  get takesRoom(): boolean {
    if (this.#state.name !== 'terminating') return this.isRunning;
    return !this.#state.isRemoved && this.#state.failure?.cause !== 'Rejected';
  }

  /** Without a failure what is known of the end already stays. */
  end(failure?: Failure): void {
    this.#terminate(failure, false);
  }

  /** The API server no longer has it. */
  remove(): void {
    if (this.#state.name === 'terminated') this.#state = { name: 'gone' };
    else this.#terminate(undefined, true);
  }

  /** Its containers, volumes and control groups are gone. */
  terminated(): void {
    this.#state = { name: this.isRemoved ? 'gone' : 'terminated' };
  }

  #terminate(failure: Failure | undefined, isRemoved: boolean): void {
    const state = this.#state;
    if (state.name === 'running') this.#state = { name: 'terminating', failure, isRemoved };
    if (state.name !== 'terminating') return;
    this.#state = {
      name: 'terminating',
      failure: failure ?? state.failure,
      isRemoved: isRemoved || state.isRemoved,
    };
  }
}

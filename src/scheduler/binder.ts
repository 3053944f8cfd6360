/**
 * Binds a pod to the node chosen for it. From `reserve` on, its requests count against the node, and what
 * plugins reserved is held; when something that must precede the binding fails, or the API server rejects
 * it, all of that is released.
 */

import { pods } from '#api/generated/kinds.gen.ts';
import type { KubeObject } from '#api/meta/object.ts';
import type { Log } from '#base/log.ts';
import { errorText } from '#base/text/error-text.ts';
import type { Client } from '#client/client.ts';
import type { ClusterCache } from './cache/cache.ts';
import type { NodeInfo } from './cache/node-info.ts';
import type { PodInfo } from './cache/pod-info.ts';
import type { FoundNode, PointTiming } from './cycle/algorithm.ts';
import type { Extender } from './extenders/extender.ts';
import type { Reservation, Waiting } from './framework.ts';
import type { PointStatus } from './metrics/scheduler-metrics.ts';
import type { SchedulingQueue } from './queue/queue.ts';

export interface BinderParts {
  readonly client: Client;
  readonly cache: ClusterCache;
  readonly queue: SchedulingQueue;
  readonly timing: PointTiming;
  readonly extenders: readonly Extender[];
  readonly log: Log;
}

export interface ReservedNode {
  readonly node: NodeInfo;
  readonly reservations: readonly Reservation[];
}

export interface BindingSteps {
  readonly wait: Waiting;
  /** Runs a wait that may take minutes: it is no binding in flight. */
  idle(settled: () => Promise<void>): Promise<void>;
  /** Called before the binding. Throws when the pod lost its node meanwhile. */
  prepared(): void;
  /** Called once, whatever became of the binding. */
  ended(): void;
}

export class Binder {
  readonly #client: Client;
  readonly #cache: ClusterCache;
  readonly #queue: SchedulingQueue;
  readonly #timing: PointTiming;
  readonly #extenders: readonly Extender[];
  readonly #log: Log;

  constructor({ client, cache, queue, timing, extenders, log }: BinderParts) {
    this.#log = log;
    this.#client = client;
    this.#extenders = extenders;
    this.#cache = cache;
    this.#queue = queue;
    this.#timing = timing;
  }

  reserve(pod: PodInfo, { node, filterings }: FoundNode): ReservedNode {
    const { clock, ran } = this.#timing;
    const beganMs = clock.monotonicMs();
    this.#cache.assume(pod, node);
    this.#cache.nominations.remove(pod.key);
    const reservations = filterings.flatMap((filtering) => filtering.reserve?.(node) ?? []);
    ran('Reserve', 'Success', clock.monotonicMs() - beganMs);
    return { node, reservations };
  }

  /** Throws what a plugin waited for in vain, or the API server's error. */
  async bind(pod: PodInfo, { node, reservations }: ReservedNode, steps: BindingSteps): Promise<void> {
    try {
      await this.#timed('PreBind', () => this.#prepare(reservations, steps));
      await this.#timed('Bind', () => this.#bindTo(pod, node.name));
      release(reservations);
    } catch (error) {
      await this.#undo(reservations);
      release(reservations);
      this.#cache.forget(pod);
      this.#queue.onEvent({ kind: 'Pod/AssignedDelete', pod, node });
      if (reservations.length > 0) this.#queue.onEvent({ kind: 'Reservation/Undone', pod, node });
      throw error;
    } finally {
      steps.ended();
    }
  }

  async #undo(reservations: readonly Reservation[]): Promise<void> {
    for (const reservation of reservations.toReversed()) {
      try {
        await reservation.undo?.(this.#client);
      } catch (error) {
        const { plugin } = reservation;
        this.#log.warn('a reservation could not be undone', { plugin, error: errorText(error) });
      }
    }
  }

  async #timed(point: 'PreBind' | 'Bind', run: () => Promise<void>): Promise<void> {
    const { clock, ran } = this.#timing;
    const beganMs = clock.monotonicMs();
    let status: PointStatus = 'Success';
    try {
      await run();
    } catch (error) {
      status = 'Error';
      throw error;
    } finally {
      ran(point, status, clock.monotonicMs() - beganMs);
    }
  }

  async #prepare(reservations: readonly Reservation[], steps: BindingSteps): Promise<void> {
    for (const reservation of reservations) {
      try {
        await reservation.write(this.#client);
        await steps.idle(() => reservation.settled(steps.wait));
      } catch (error) {
        throw new PlainError(`running PreBind plugin "${reservation.plugin}": ${errorText(error)}`);
      }
    }
    try {
      steps.prepared();
    } catch (error) {
      throw new PlainError(errorText(error));
    }
  }

  /** By the first extender that binds pods of this kind; by the API server when there is none, or none that answers. */
  async #bindTo(pod: PodInfo, node: string): Promise<void> {
    for (const extender of this.#extenders) {
      if (!extender.binds || !extender.isInterestedIn(pod)) continue;
      try {
        await extender.bind(pod, node);
        return;
      } catch (error) {
        if (!extender.isIgnorable) throw new PlainError(errorText(error));
      }
    }
    await this.#post(pod, node);
  }

  async #post(pod: PodInfo, node: string): Promise<void> {
    const { name, uid } = pod.pod.metadata;
    const binding = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name, namespace: pod.namespace, uid },
      target: { kind: 'Node', name: node },
    };
    await this.#client.createSubresource<KubeObject>(
      pods,
      { namespace: pod.namespace, name },
      'binding',
      binding as KubeObject,
    );
  }
}

function release(reservations: readonly Reservation[]): void {
  for (const reservation of reservations.toReversed()) reservation.release();
}

/** The message is the whole report: the API server was not asked to bind. */
export class PlainError extends Error {
  override name = 'PlainError';
}

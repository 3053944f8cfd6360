/**
 * Ends the pods of a node before its machine goes down, group by group, while a lock of the machine delays the
 * shutdown. Until a shutdown is cancelled the node is not ready and admits no pod. Follows upstream's node shutdown
 * manager.
 */

import type { ShutdownPeriod } from '#api/configuration/kubelet/shutdown-periods.ts';
import { pause } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import type { EventRecorder } from '#client/events/recorder.ts';
import { type Rejection, rejection } from '../../admission/rejection.ts';
import type { Evictable } from '../evictable.ts';
import { type ShutdownGroup, shutdownGroups } from './shutdown-groups.ts';

const endPollMs = 100;
const reconnectMs = 1000;
const reconnectMsMax = 60_000;
const endedText = 'Pod was terminated in response to imminent node shutdown.';

/** What announces a shutdown, and can delay it. Each call returns the function that ends it without `onEnd`. */
export interface ShutdownSource {
  follow(handlers: { onSignal(isShuttingDown: boolean): void; onEnd(): void }): () => void;
  delay(onEnd: () => void): () => void;
}

export interface NodeShutdownParts {
  readonly env: Env;
  readonly nodeName: string;
  readonly events: EventRecorder;
  readonly source: ShutdownSource;
  readonly pods: () => readonly Evictable[];
  /** The node's readiness has changed. */
  readonly onChange: () => void;
}

export class NodeShutdown {
  readonly #periods: readonly ShutdownPeriod[];
  readonly #parts: NodeShutdownParts;
  readonly #stopping = new AbortController();
  #isShuttingDown = false;
  #unfollow: () => void = () => undefined;
  #unlock: () => void = () => undefined;
  /** Settles when all that was announced has been done. */
  #turns: Promise<void> = Promise.resolve();
  #ends = 0;

  constructor(periods: readonly ShutdownPeriod[], parts: NodeShutdownParts) {
    this.#periods = periods;
    this.#parts = parts;
  }

  /** Why the node is not ready. */
  get problem(): string | undefined {
    return this.#isShuttingDown ? 'node is shutting down' : undefined;
  }

  /** Why no pod is admitted. */
  get rejection(): Rejection | undefined {
    if (!this.#isShuttingDown) return undefined;
    return rejection('NodeShutdown', 'Pod was rejected as the node is shutting down.');
  }

  start(): void {
    this.#lock();
    this.#unfollow = this.#parts.source.follow({
      onSignal: (isShuttingDown) => {
        this.#ends = 0;
        if (isShuttingDown !== this.#isShuttingDown) this.#turn(isShuttingDown);
      },
      onEnd: () => this.#again(),
    });
  }

  stop(): void {
    this.#stopping.abort();
    this.#unfollow();
    this.#unlock();
  }

  #lock(): void {
    this.#unlock();
    // Without its lock the shutdown is announced all the same; the lock is taken with the next connection.
    this.#unlock = this.#parts.source.delay(() => undefined);
  }

  #again(): void {
    const { clock, log } = this.#parts.env;
    if (this.#ends === 0) log.warn('the machine does not say when it shuts down');
    const delayMs = Math.min(reconnectMs * 2 ** this.#ends, reconnectMsMax);
    this.#ends += 1;
    clock.after(delayMs, () => {
      if (!this.#stopping.signal.aborted) this.start();
    });
  }

  #turn(isShuttingDown: boolean): void {
    const { events, nodeName, onChange, pods } = this.#parts;
    this.#isShuttingDown = isShuttingDown;
    const what = isShuttingDown ? 'shutdown event' : 'shutdown cancellation';
    const node = { kind: 'Node', name: nodeName, uid: nodeName };
    events.event(node, 'Normal', 'NodeShutdown', `Shutdown manager detected ${what}`);
    onChange();
    // Pods that are being ended for a shutdown end although it is cancelled, as upstream; the lock is taken after them.
    this.#turns = this.#turns.then(() => {
      if (this.#stopping.signal.aborted) return undefined;
      if (!isShuttingDown) return this.#lock();
      const active = pods().filter((evictable) => evictable.isActive);
      return this.#endAll(shutdownGroups(this.#periods, active));
    });
  }

  async #endAll(groups: readonly ShutdownGroup<Evictable>[]): Promise<void> {
    for (const group of groups) await this.#endGroup(group);
    this.#unlock();
  }

  /** Resolves when all have ended, or with the time of the group. */
  async #endGroup({ graceSeconds, pods }: ShutdownGroup<Evictable>): Promise<void> {
    const { clock } = this.#parts.env;
    const untilMs = clock.monotonicMs() + graceSeconds * 1000;
    const failure = { reason: 'Terminated', message: endedText, graceSeconds, disruption: endedText };
    for (const evictable of pods) evictable.fail({ cause: 'Shutdown', ...failure });
    while (pods.some((evictable) => !evictable.hasEnded) && clock.monotonicMs() < untilMs) {
      if (this.#stopping.signal.aborted) return;
      await pause(clock, endPollMs, this.#stopping.signal);
    }
  }
}

/**
 * Records core/v1 Events in the background, without delaying the caller; events about one object are written
 * in order. Repeated events are counted, similar ones combined, floods dropped (`correlator.ts`).
 */

import { events } from '#api/generated/kinds.gen.ts';
import type { ObjectReference } from '#api/generated/types.gen.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { StatusError } from '#api/meta/status.ts';
import { rfc3339 } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '../client.ts';
import { KeyedQueue } from '../queue/keyed-queue.ts';
import { EventCorrelator, type Verdict } from './correlator.ts';

/** Upstream keeps a thousand; here one recorder serves a burst of many thousand pods. */
const queueDepthMax = 20_000;
const writesMax = 8;

export interface EventRecorder {
  /** `regarding` is an object, or a reference if there is a field path. Never throws, never waits. */
  event(
    regarding: KubeObject | ObjectReference,
    eventType: 'Normal' | 'Warning',
    reason: string,
    message: string,
    annotations?: Readonly<Record<string, string>>,
    /** What the component did or tried: `Binding`. Default: the event has none, as those of most components. */
    action?: string,
  ): void;
  /** Resolves when everything recorded so far has been written, or abandoned. */
  flushed(): Promise<void>;
}

export interface EventRecorderOptions {
  readonly env: Env;
  readonly client: Client;
  /** `deployment-controller`, `kubelet`. */
  readonly component: string;
  /** The node's name, for the kubelet. */
  readonly host?: string;
}

interface Recorded {
  readonly reference: ObjectReference;
  readonly eventType: string;
  readonly reason: string;
  readonly message: string;
  readonly annotations: Readonly<Record<string, string>> | undefined;
  readonly action: string | undefined;
  readonly atMs: number;
}

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { env, component } = options;
  const log = env.log.child({ events: component });
  const writer = new EventWriter(options);
  const queue = new KeyedQueue<Recorded>({
    sideBySideMax: writesMax,
    depthMax: queueDepthMax,
    run: (recorded) =>
      writer.write(recorded).catch((error: unknown) => {
        log.debug('an event could not be written', { reason: recorded.reason, error: String(error) });
      }),
  });
  return {
    event(regarding, eventType, reason, message, annotations, action) {
      const reference = referenceTo(regarding);
      const atMs = env.clock.now();
      const recorded = { reference, eventType, reason, message, annotations, action, atMs };
      queue.push(aboutOf(reference), recorded);
    },
    flushed: () => queue.idle(),
  };
}

/** Writes what the correlator lets through: a count to an earlier event, or a new one. */
class EventWriter {
  readonly #options: EventRecorderOptions;
  readonly #correlator: EventCorrelator;
  #lastStamp = 0n;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#correlator = new EventCorrelator(options.env.clock);
  }

  async write(recorded: Recorded): Promise<void> {
    const { component } = this.#options;
    const verdict = this.#correlator.judge({ component, about: aboutOf(recorded.reference), ...recorded });
    if (!verdict) return;
    if (verdict.previous && (await this.#countUp(recorded, verdict))) return;
    await this.#createNew(recorded, verdict);
  }

  /** Returns false when the earlier event no longer exists. */
  async #countUp(recorded: Recorded, { key, message, previous }: Verdict): Promise<boolean> {
    const { name, count, firstTimestamp } = previous!;
    const patch = { count: count + 1, lastTimestamp: rfc3339(recorded.atMs), message };
    try {
      await this.#options.client.patch(
        events,
        { namespace: namespaceOf(recorded), name },
        'strategic',
        patch,
      );
    } catch (error) {
      if (!(error instanceof StatusError && error.code === 404)) throw error;
      this.#correlator.forget(key);
      return false;
    }
    this.#correlator.remember(key, { name, count: count + 1, firstTimestamp });
    return true;
  }

  async #createNew(recorded: Recorded, { key, message }: Verdict): Promise<void> {
    const { client, component, host } = this.#options;
    const { reference, eventType, reason, annotations, action, atMs } = recorded;
    const at = rfc3339(atMs);
    const name = `${reference.name}.${this.#stamp(atMs)}`;
    await client.create(events, {
      metadata: { name, namespace: namespaceOf(recorded), ...(annotations ? { annotations } : {}) },
      involvedObject: reference,
      reason,
      message,
      source: { component, ...(host ? { host } : {}) },
      firstTimestamp: at,
      lastTimestamp: at,
      count: 1,
      type: eventType,
      ...(action ? { action } : {}),
      reportingComponent: component,
      reportingInstance: host ?? '',
    });
    this.#correlator.remember(key, { name, count: 1, firstTimestamp: at });
  }

  /** Nanoseconds in hex, as upstream names events; unique. */
  #stamp(atMs: number): string {
    const wanted = BigInt(Math.floor(atMs)) * 1_000_000n;
    this.#lastStamp = wanted > this.#lastStamp ? wanted : this.#lastStamp + 1n;
    return this.#lastStamp.toString(16);
  }
}

export function referenceTo(regarding: KubeObject | ObjectReference): ObjectReference {
  if (!('metadata' in regarding)) return regarding as ObjectReference;
  const { apiVersion, kind, metadata = {} } = regarding;
  return {
    ...(kind ? { kind } : {}),
    ...(metadata.namespace ? { namespace: metadata.namespace } : {}),
    ...(metadata.name ? { name: metadata.name } : {}),
    ...(metadata.uid ? { uid: metadata.uid } : {}),
    ...(apiVersion ? { apiVersion } : {}),
    ...(metadata.resourceVersion ? { resourceVersion: metadata.resourceVersion } : {}),
  };
}

function aboutOf(reference: ObjectReference): string {
  const { kind, namespace, name, uid, apiVersion, fieldPath } = reference;
  return [kind, namespace, name, uid, apiVersion, fieldPath].join('/');
}

/** Events about cluster-scoped objects are created in `default`. */
function namespaceOf(recorded: Recorded): string {
  return recorded.reference.namespace ?? 'default';
}

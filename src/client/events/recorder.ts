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
  readonly atMs: number;
}

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { env, client, component, host } = options;
  const log = env.log.child({ events: component });
  const correlator = new EventCorrelator(env.clock);
  const queue = new KeyedQueue<Recorded>({
    sideBySideMax: writesMax,
    depthMax: queueDepthMax,
    run: writeOrGiveUp,
  });
  let lastStamp = 0n;

  async function writeOrGiveUp(recorded: Recorded): Promise<void> {
    try {
      await write(recorded);
    } catch (error) {
      log.debug('an event could not be written', { reason: recorded.reason, error: String(error) });
    }
  }

  async function write(recorded: Recorded): Promise<void> {
    const verdict = correlator.judge({ component, about: aboutOf(recorded.reference), ...recorded });
    if (!verdict) return;
    if (verdict.previous && (await countUp(recorded, verdict))) return;
    await createNew(recorded, verdict);
  }

  /** Returns false when the earlier event no longer exists. */
  async function countUp(recorded: Recorded, { key, message, previous }: Verdict): Promise<boolean> {
    const { name, count, firstTimestamp } = previous!;
    const patch = { count: count + 1, lastTimestamp: rfc3339(recorded.atMs), message };
    try {
      await client.patch(events, { namespace: namespaceOf(recorded), name }, 'strategic', patch);
    } catch (error) {
      if (!(error instanceof StatusError && error.code === 404)) throw error;
      correlator.forget(key);
      return false;
    }
    correlator.remember(key, { name, count: count + 1, firstTimestamp });
    return true;
  }

  async function createNew(recorded: Recorded, { key, message }: Verdict): Promise<void> {
    const { reference, eventType, reason, atMs } = recorded;
    const at = rfc3339(atMs);
    const name = `${reference.name}.${stamp(atMs)}`;
    const source = { component, ...(host ? { host } : {}) };
    await client.create(events, {
      metadata: { name, namespace: namespaceOf(recorded) },
      involvedObject: reference,
      reason,
      message,
      source,
      firstTimestamp: at,
      lastTimestamp: at,
      count: 1,
      type: eventType,
      reportingComponent: component,
      reportingInstance: host ?? '',
    });
    correlator.remember(key, { name, count: 1, firstTimestamp: at });
  }

  /** Nanoseconds in hex, as upstream names events; unique. */
  function stamp(atMs: number): string {
    const wanted = BigInt(Math.floor(atMs)) * 1_000_000n;
    lastStamp = wanted > lastStamp ? wanted : lastStamp + 1n;
    return lastStamp.toString(16);
  }

  return {
    event(regarding, eventType, reason, message) {
      const reference = referenceTo(regarding);
      queue.push(aboutOf(reference), { reference, eventType, reason, message, atMs: env.clock.now() });
    },
    flushed: () => queue.idle(),
  };
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

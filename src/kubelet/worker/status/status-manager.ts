/**
 * Brings pod statuses to the API server: one write per pod at a time, the newest wins, nothing unchanged is
 * sent. What others change in a status is set right when the pod is looked at next.
 */

import { pods } from '#api/generated/kinds.gen.ts';
import type { PodCondition, PodStatus } from '#api/generated/types.gen.ts';
import { conditionOf } from '#api/meta/conditions.ts';
import { StatusError } from '#api/meta/status.ts';
import { isStaticPod } from '#api/pods/system-priority.ts';
import { deepEqual } from '#api/schema/deep-equal.ts';
import { type BackOffLimits, backOffMs } from '#base/back-off.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import { ownedConditions, passingConditions } from '../../decide/conditions.ts';
import type { NodePod } from '../../pod/pod.ts';
import type { ContainerMetrics } from './container-metrics.ts';

interface Entry {
  pod: NodePod;
  wanted: PodStatus;
  /** The status last sent to the server, also as JSON. */
  reported: PodStatus | undefined;
  sent: string;
  /** At which the server has what was sent. */
  sentRevision: number;
  writing: Promise<void> | undefined;
  retry: number;
}

const writeRetry: BackOffLimits = { initialMs: 1_000, maxMs: 30_000 };

/** Fields that disappear when the kubelet no longer reports them. */
const clearable = [
  'reason',
  'message',
  'podIP',
  'podIPs',
  'initContainerStatuses',
  'ephemeralContainerStatuses',
];

/** Merged by address, where what the pod or the node had before it came back must go. */
const addressLists = ['podIPs', 'hostIPs'] as const;

export interface StatusManagerParts {
  readonly env: Env;
  readonly client: Client;
  readonly metrics: ContainerMetrics;
}

export class StatusManager {
  readonly #env: Env;
  readonly #client: Client;
  readonly #metrics: ContainerMetrics;
  readonly #entries = new Map<string, Entry>();
  readonly #uidInApi: (pod: NodePod) => string | undefined;
  #stopped = false;

  /** `uidInApi`: under which uid the API has the pod; undefined for a static pod that it does not show yet. */
  constructor(
    { env, client, metrics }: StatusManagerParts,
    uidInApi: (pod: NodePod) => string | undefined = ({ metadata }) => metadata.uid,
  ) {
    this.#env = env;
    this.#client = client;
    this.#metrics = metrics;
    this.#uidInApi = uidInApi;
  }

  set(pod: NodePod, status: PodStatus): void {
    const entry = this.#entries.get(pod.metadata.uid);
    this.#metrics.reported(entry?.wanted ?? pod.status, status);
    if (entry) {
      entry.pod = pod;
      entry.wanted = keepTimes(entry.wanted, status);
      if (isOverwritten(entry)) entry.sent = '';
    } else {
      this.#entries.set(pod.metadata.uid, {
        pod,
        wanted: status,
        reported: undefined,
        sent: '',
        sentRevision: 0,
        writing: undefined,
        retry: 0,
      });
    }
    this.#write(this.#entries.get(pod.metadata.uid)!);
  }

  /** The API has the pod as a new object, without a status. */
  sendAgain(uid: string): void {
    const entry = this.#entries.get(uid);
    if (!entry) return;
    entry.sent = '';
    entry.reported = undefined;
    this.#write(entry);
  }

  get(uid: string): PodStatus | undefined {
    return this.#entries.get(uid)?.wanted;
  }

  /** Resolves when the newest status has been written or given up. */
  async flushed(uid: string): Promise<void> {
    for (;;) {
      const writing = this.#entries.get(uid)?.writing;
      if (!writing) return;
      await writing;
    }
  }

  forget(uid: string): void {
    this.#entries.delete(uid);
  }

  stop(): void {
    this.#stopped = true;
  }

  #write(entry: Entry): void {
    if (entry.writing || this.#stopped) return;
    entry.writing = this.#writeUntilSame(entry).finally(() => {
      entry.writing = undefined;
    });
  }

  async #writeUntilSame(entry: Entry): Promise<void> {
    for (let text = textOf(entry); text !== entry.sent; text = textOf(entry)) {
      const { namespace = '', name } = entry.pod.metadata;
      const uid = this.#uidInApi(entry.pod);
      if (uid === undefined) return;
      try {
        const { wanted } = entry;
        const patch = patchOf(uid, entry.pod, entry.reported, wanted);
        const subresource = 'status';
        const { metadata } = await this.#client.patch(pods, { namespace, name }, 'strategic', patch, {
          subresource,
        });
        entry.sent = text;
        entry.sentRevision = Number(metadata?.resourceVersion);
        entry.reported = wanted;
        entry.retry = 0;
      } catch (error) {
        const gone = error instanceof StatusError && (error.code === 404 || error.code === 409);
        if (gone) entry.sent = text;
        else return this.#later(entry, error);
      }
    }
  }

  #later(entry: Entry, error: unknown): void {
    const { name, namespace, uid } = entry.pod.metadata;
    this.#env.log.warn('a pod status could not be written', {
      pod: `${namespace}/${name}`,
      error: String(error),
    });
    const delayMs = backOffMs(writeRetry, ++entry.retry);
    this.#env.clock.after(delayMs, () => {
      if (this.#entries.get(uid) === entry) this.#write(entry);
    });
  }
}

function textOf(entry: Entry): string {
  return JSON.stringify(entry.wanted);
}

/**
 * Another client has changed the status since: for example the node lifecycle controller, while the node did
 * not report.
 */
function isOverwritten({ pod, sent, sentRevision, reported }: Entry): boolean {
  // What the API has of a static pod is its mirror.
  if (isStaticPod(pod)) return false;
  if (!reported || sent === '' || Number(pod.metadata.resourceVersion) <= sentRevision) return false;
  const { conditions = [], ...rest } = reported;
  const areShown = conditions.every(({ type, status }) => conditionOf(pod.status, type)?.status === status);
  return !areShown || !deepEqual({ ...pod.status, ...rest }, pod.status, 'io.k8s.api.core.v1.PodStatus');
}

/**
 * The informer may lag behind what was just reported: an unchanged condition keeps the time it was first
 * reported with.
 */
function keepTimes(before: PodStatus, after: PodStatus): PodStatus {
  const conditions = after.conditions?.map((condition): PodCondition => {
    const old = conditionOf(before, condition.type);
    if (old?.status !== condition.status || !old.lastTransitionTime) return condition;
    return { ...condition, lastTransitionTime: old.lastTransitionTime };
  });
  return {
    ...after,
    startTime: before.startTime ?? after.startTime,
    ...(conditions ? { conditions } : {}),
  } as PodStatus;
}

/** Conditions merge by type, so those of others stay; the uid makes sure that it is still the same pod. */
function patchOf(uid: string, pod: NodePod, reported: PodStatus | undefined, status: PodStatus): object {
  const cleared = Object.fromEntries(
    clearable.filter((field) => !(field in status)).map((field) => [field, null]),
  );
  const conditions = (status.conditions ?? []).map((condition) => {
    const owned = (ownedConditions as readonly string[]).includes(condition.type);
    return owned ? { reason: null, message: null, ...condition } : condition;
  });
  const addresses = Object.fromEntries(
    addressLists.flatMap((field) =>
      status[field] ? [[field, replacing(field, status, [pod.status, reported])]] : [],
    ),
  );
  const gone = passedConditions(status, [pod.status, reported]).map((type) => ({ type, $patch: 'delete' }));
  return {
    metadata: { uid },
    status: { ...cleared, ...status, ...addresses, conditions: [...conditions, ...gone] },
  };
}

function passedConditions(now: PodStatus, before: (PodStatus | undefined)[]): string[] {
  const has = (status: PodStatus | undefined, type: string) => conditionOf(status, type) !== undefined;
  // A pod that the node refused has none at all.
  const passing = now.conditions ? passingConditions : ownedConditions;
  return passing.filter((type) => !has(now, type) && before.some((status) => has(status, type)));
}

/** The list as it is to be, with a delete directive for every address that the status must lose. */
function replacing(field: (typeof addressLists)[number], now: PodStatus, before: (PodStatus | undefined)[]) {
  const wanted = now[field] ?? [];
  const known = new Set(before.flatMap((status) => (status?.[field] ?? []).map(({ ip }) => ip)));
  for (const { ip } of wanted) known.delete(ip);
  return [...wanted, ...[...known].map((ip) => ({ $patch: 'delete', ip }))];
}

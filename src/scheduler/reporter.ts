/**
 * Reports the outcome of scheduling a pod: its PodScheduled condition and events.
 * Writes pods/status and Events; a condition is written only when it changes.
 */

import { pods } from '#api/generated/kinds.gen.ts';
import type { Pod, PodCondition } from '#api/generated/types.gen.ts';
import { conditionOf } from '#api/meta/conditions.ts';
import { StatusError } from '#api/meta/status.ts';
import { rfc3339 } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import { createEventRecorder, type EventRecorder } from '#client/events/recorder.ts';
import type { PodInfo } from './cache/pod-info.ts';

const eventLengthMax = 1024;
const cutMark = ' ...';

export class Reporter {
  readonly #env: Env;
  readonly #client: Client;
  readonly #recorder: EventRecorder;
  readonly #schedulerName: string;

  constructor(env: Env, client: Client, schedulerName: string) {
    this.#env = env;
    this.#client = client;
    this.#schedulerName = schedulerName;
    this.#recorder = createEventRecorder({ env, client, component: schedulerName });
  }

  scheduled(pod: PodInfo, node: string): void {
    this.#event(pod, 'Binding', 'Scheduled', `Successfully assigned ${pod.key} to ${node}`);
  }

  skippedDeleted(pod: PodInfo): void {
    this.#event(pod, 'Scheduling', 'FailedScheduling', `skip schedule deleting pod: ${pod.key}`);
  }

  /** `nominatedNode`: where room is being made; `''` clears an earlier nomination; undefined keeps it. */
  failed(
    pod: PodInfo,
    reason: 'Unschedulable' | 'SchedulerError',
    message: string,
    nominatedNode?: string,
  ): void {
    this.#event(pod, 'Scheduling', 'FailedScheduling', message);
    const old = conditionOf(pod.pod.status, 'PodScheduled');
    const condition = this.#condition(pod.pod, reason, message, old);
    const nominationChanges =
      nominatedNode !== undefined && nominatedNode !== (pod.pod.status?.nominatedNodeName ?? '');
    if (isSame(condition, old) && !nominationChanges) return;
    const status = {
      conditions: [condition],
      ...(nominationChanges ? { nominatedNodeName: nominatedNode || null } : {}),
    };
    void this.#patchStatus(pod, status);
  }

  /** Records the preemption in the victim's condition, then deletes it; returns whether it still existed. */
  async evict(victim: PodInfo, preemptor: PodInfo, node: string): Promise<boolean> {
    const now = rfc3339(this.#env.clock.now());
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'PreemptionByScheduler',
      message: `${this.#schedulerName}: preempting to accommodate a higher priority pod`,
      lastTransitionTime: now,
      ...observedGeneration(victim.pod),
    };
    await this.#patchStatus(victim, { conditions: [condition] });
    const at = { namespace: victim.namespace, name: victim.pod.metadata.name };
    try {
      await this.#client.delete(pods, at, { preconditions: { uid: victim.uid } });
    } catch (error) {
      if (!(error instanceof StatusError && (error.code === 404 || error.code === 409))) throw error;
      return false;
    }
    this.preempted(victim, preemptor, node);
    return true;
  }

  /** `how` ends the message of a victim that was not deleted. */
  preempted(victim: PodInfo, preemptor: PodInfo, node: string, how = ''): void {
    this.#event(victim, 'Preempting', 'Preempted', `Preempted by pod ${preemptor.uid} on node ${node}${how}`);
  }

  /** Shows where the pod will be bound when what must precede it is done. */
  async nominate(pod: PodInfo, node: string): Promise<void> {
    if (pod.pod.status?.nominatedNodeName === node) return;
    await this.#patchStatus(pod, { nominatedNodeName: node });
  }

  /** Something must be done before the pod can be bound. */
  waits(pod: PodInfo, reason: string, message: string): void {
    this.#event(pod, 'Normal', reason, message);
  }

  clearNomination(pod: PodInfo): void {
    if (pod.pod.status?.nominatedNodeName) void this.#patchStatus(pod, { nominatedNodeName: null });
  }

  #condition(pod: Pod, reason: string, message: string, old: PodCondition | undefined): PodCondition {
    return {
      type: 'PodScheduled',
      status: 'False',
      reason,
      message,
      lastTransitionTime:
        (old?.status === 'False' && old.lastTransitionTime) || rfc3339(this.#env.clock.now()),
      ...observedGeneration(pod),
    };
  }

  async #patchStatus(pod: PodInfo, status: Record<string, unknown>): Promise<void> {
    const at = { namespace: pod.namespace, name: pod.pod.metadata.name };
    const patch = { metadata: { uid: pod.uid }, status };
    try {
      await this.#client.patch(pods, at, 'strategic', patch, { subresource: 'status' });
    } catch (error) {
      if (error instanceof StatusError && error.code === 404) return;
      this.#env.log.warn('a pod status could not be written', { pod: pod.key, error: String(error) });
    }
  }

  #event(pod: PodInfo, action: string, reason: string, message: string): void {
    const type = reason === 'FailedScheduling' ? 'Warning' : 'Normal';
    const { name, uid, resourceVersion } = pod.pod.metadata;
    const reference = { apiVersion: 'v1', kind: 'Pod', namespace: pod.namespace, name, uid, resourceVersion };
    this.#recorder.event(reference, type, reason, truncated(message), undefined, action);
  }
}

function observedGeneration({ metadata }: Pod): { observedGeneration?: number } {
  return metadata?.generation ? { observedGeneration: metadata.generation } : {};
}

/** A large cluster has many reasons; the condition contains all of them. */
function truncated(message: string): string {
  if (message.length <= eventLengthMax) return message;
  return message.slice(0, eventLengthMax - cutMark.length) + cutMark;
}

function isSame(condition: PodCondition, old: PodCondition | undefined): boolean {
  return (
    old !== undefined &&
    old.status === condition.status &&
    old.reason === condition.reason &&
    old.message === condition.message
  );
}

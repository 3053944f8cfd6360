/** The whole status of a pod as the kubelet reports it, from spec, runtime view and probe results. Pure. */

import type { PodStatus } from '#api/generated/types.gen.ts';
import { podQosClass } from '#api/pods/qos.ts';
import { mayRestartAll } from '#api/pods/restart-rules.ts';
import { isTerminalPhase } from '#api/pods/state.ts';
import { rfc3339 } from '#base/clock.ts';
import { initContainers, type NodePod } from '../pod/pod.ts';
import { podIps } from '../runtime/pod-view.ts';
import { podConditions } from './conditions.ts';
import { containerStatuses, type StatusInput } from './container-statuses.ts';
import { phaseOf } from './phase.ts';
import type { ResizeState } from './resize-state.ts';
import { isReset, isRestartingAll } from './restart-all.ts';

export interface PodStatusInput extends StatusInput {
  readonly hostIp: string;
  readonly nowMs: number;
  /** The kubelet itself ends the pod: `Evicted`, `DeadlineExceeded`. */
  readonly failure?: { reason: string; message: string; disruption?: string };
  readonly resize?: ResizeState;
}

export function podStatus(input: PodStatusInput): PodStatus {
  const { pod, view, hostIp, failure } = input;
  const now = rfc3339(input.nowMs);
  const init = containerStatuses(input, initContainers(pod), 'init');
  const main = containerStatuses(input, pod.spec.containers, 'main');
  const ephemeral = containerStatuses(input, pod.spec.ephemeralContainers ?? [], 'ephemeral');
  const was = pod.status?.phase;
  const final = isTerminalPhase(was) ? was : undefined;
  const ownPhase = final ?? phaseOf(pod, init, main, input.ended);
  // As upstream's status manager: the pod is reported as failed when nothing of it runs any more.
  const shown = input.ended ? failure : undefined;
  const phase = shown ? 'Failed' : ownPhase;
  const ips = ipsOf(input);
  const reason = shown?.reason ?? (final ? pod.status?.reason : undefined);
  const message = shown?.message ?? (final ? pod.status?.message : undefined);
  return {
    phase,
    ...observedGeneration(pod),
    ...(reason ? { reason } : {}),
    ...(message ? { message } : {}),
    startTime: pod.status?.startTime ?? now,
    hostIP: hostIp,
    hostIPs: [{ ip: hostIp }],
    ...(ips[0] ? { podIP: ips[0], podIPs: ips.map((ip) => ({ ip })) } : {}),
    qosClass: pod.status?.qosClass ?? podQosClass(pod),
    conditions: podConditions({
      pod,
      // Meanwhile it is not ready, for the reason that it will have.
      phase: failure ? 'Failed' : phase,
      init,
      main,
      sandboxReady: view.sandboxes[0]?.ready === true && (ips.length > 0 || pod.spec.hostNetwork === true),
      now,
      ...(mayRestartAll(pod.spec)
        ? { restartsAll: isRestartingAll(pod, view, input.before) && !isReset(pod, view) }
        : {}),
      ...(input.resize ? { resize: input.resize } : {}),
      ...(shown?.disruption ? { disruption: shown.disruption } : {}),
    }),
    ...(init.length > 0 ? { initContainerStatuses: init } : {}),
    containerStatuses: main,
    ...(ephemeral.length > 0 ? { ephemeralContainerStatuses: ephemeral } : {}),
  };
}

const rejectedPrefix = 'Pod was rejected: ';

/** By this kubelet or an earlier life of it. */
export function wasRejected({ status }: NodePod): boolean {
  return status?.phase === 'Failed' && status.message?.startsWith(rejectedPrefix) === true;
}

/** Of a pod that the node refused: as upstream, without container statuses and conditions. */
export function rejectedStatus(
  pod: NodePod,
  { reason, message }: { reason: string; message: string },
  nowMs: number,
): PodStatus {
  return {
    phase: 'Failed',
    ...observedGeneration(pod),
    reason,
    message: `${rejectedPrefix}${message}`,
    startTime: pod.status?.startTime ?? rfc3339(nowMs),
    qosClass: pod.status?.qosClass ?? podQosClass(pod),
  };
}

function observedGeneration({ metadata }: NodePod): { observedGeneration?: number } {
  return metadata.generation ? { observedGeneration: metadata.generation } : {};
}

/** A pod that ended keeps the address it had. */
function ipsOf({ pod, view, hostIp }: PodStatusInput): string[] {
  if (pod.spec.hostNetwork) return view.sandboxes.length > 0 || pod.status?.podIP ? [hostIp] : [];
  const now = podIps(view);
  return now.length > 0 ? now : (pod.status?.podIPs ?? []).flatMap((podIP) => (podIP.ip ? [podIP.ip] : []));
}

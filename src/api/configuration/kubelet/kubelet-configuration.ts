/** The section `kubelet` of a configuration, with every default filled in. */

import type { JsonObject } from '#wire/json/value.ts';
import { ConfigurationError } from '../error.ts';
import { readArguments } from '../read-arguments.ts';
import { type CpuSettings, readCpuSettings, readReservedCpus, withReservedCpus } from './cpus.ts';
import { type Enforcement, readEnforcement } from './enforcement.ts';
import { kubeletFields } from './fields.ts';
import { type ImageSettings, readImageSettings } from './images.ts';
import { type MemorySettings, readMemorySettings } from './memory.ts';
import { type Reserved, readReserved, sumOf } from './reserved.ts';
import { readShutdownPeriods, type ShutdownPeriod } from './shutdown-periods.ts';
import { readStaticPods, type StaticPodSettings } from './static-pods.ts';
import { type EvictionThreshold, readThresholds } from './thresholds.ts';
import { readTopologySettings, type TopologySettings } from './topology.ts';
import { type AllowedSysctl, readUnsafeSysctls } from './unsafe-sysctls.ts';

export interface KubeletConfiguration {
  readonly eviction: {
    readonly thresholds: readonly EvictionThreshold[];
    readonly pressureTransitionMs: number;
    /** In seconds, of a pod that a soft threshold evicts. */
    readonly podGraceSecondsMax: number;
  };
  /** What the node keeps from its pods, besides what its hard thresholds keep. */
  readonly reserved: Reserved;
  readonly reservedFor: { readonly kube: Reserved; readonly system: Reserved };
  readonly cpus: CpuSettings;
  readonly topology: TopologySettings;
  readonly memory: MemorySettings;
  readonly enforcement: Enforcement;
  readonly podsMax: number;
  readonly images: ImageSettings;
  /** Undefined where a pod may have as many processes as the node allows. */
  readonly pidsPerPodMax: number | undefined;
  readonly swapBehavior: SwapBehavior;
  readonly unsafeSysctls: readonly AllowedSysctl[];
  /** In the order of their priorities; empty where pods are not ended before a shutdown of the machine. */
  readonly shutdownPeriods: readonly ShutdownPeriod[];
  readonly staticPods: StaticPodSettings;
}

type SwapBehavior = 'NoSwap' | 'LimitedSwap';

/** Throws `ConfigurationError`. */
export function readKubeletConfiguration(section: JsonObject): KubeletConfiguration {
  const { apiVersion: _, kind: __, ...rest } = section;
  const fields = readArguments(rest, { name: 'kubelet', noun: 'field', known: kubeletFields, absent: {} });
  const { podPidsLimit = -1 } = fields;
  const reservedFor = withReservedCpus(
    { kube: readReserved(fields.kubeReserved), system: readReserved(fields.systemReserved) },
    readReservedCpus(fields),
  );
  const reserved = sumOf(reservedFor.kube, reservedFor.system);
  const enforcement = readEnforcement(fields, reservedFor);
  return {
    eviction: {
      thresholds: readThresholds(fields, enforcement.pods),
      pressureTransitionMs: fields.evictionPressureTransitionPeriod ?? 5 * 60_000,
      podGraceSecondsMax: fields.evictionMaxPodGracePeriod ?? 0,
    },
    reserved,
    reservedFor,
    cpus: readCpuSettings(fields, reserved),
    topology: readTopologySettings(fields),
    memory: readMemorySettings(fields),
    enforcement,
    podsMax: fields.maxPods ?? 110,
    images: readImageSettings(fields),
    pidsPerPodMax: podPidsLimit > 0 ? podPidsLimit : undefined,
    swapBehavior: swapBehaviorOf(fields.memorySwap),
    unsafeSysctls: readUnsafeSysctls(fields.allowedUnsafeSysctls ?? []),
    shutdownPeriods: readShutdownPeriods(fields),
    staticPods: readStaticPods(fields),
  };
}

function swapBehaviorOf(memorySwap: Readonly<Record<string, string>> = {}): SwapBehavior {
  const { swapBehavior = '', ...more } = memorySwap;
  const unknown = Object.keys(more)[0];
  if (unknown !== undefined) {
    throw new ConfigurationError(`kubelet: memorySwap has an unknown field "${unknown}"`);
  }
  if (swapBehavior === '') return 'NoSwap';
  if (swapBehavior === 'NoSwap' || swapBehavior === 'LimitedSwap') return swapBehavior;
  throw new ConfigurationError(
    `kubelet: invalid configuration: memorySwap.swapBehavior "${swapBehavior}" must be one of: "", "LimitedSwap" or "NoSwap"`,
  );
}

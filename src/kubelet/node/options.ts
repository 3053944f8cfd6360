/** What one node's kubelet is made of: the parts of a real node, or of a simulated one. */

import type { AllowedSysctl } from '#api/configuration/kubelet/unsafe-sysctls.ts';
import type { Env } from '#base/env.ts';
import type { Metric } from '#base/metrics/metric.ts';
import type { Client } from '#client/client.ts';
import type { Informers } from '#client/informers/informer.ts';
import type { SwapRules } from '../decide/swap.ts';
import type { PodClaims } from '../devices/claims/claim-manager.ts';
import type { NodeClaims } from '../devices/claims/start-claims.ts';
import type { DeviceSource } from '../devices/container-devices.ts';
import type { DevicePlugins } from '../devices/plugins/device-plugins.ts';
import type { EvictionOptions } from '../eviction/evictions.ts';
import type { DiskUsage } from '../images/image-garbage.ts';
import type { NodeImages } from '../images/node-images.ts';
import type { ObjectSource } from '../pod/objects/object-source.ts';
import type { PodPolicies } from '../pod/pod-policies.ts';
import type { RunProbe } from '../probes/prober.ts';
import type { PodSetup } from '../runtime/machine.ts';
import type { PodNetwork } from '../runtime/pod-network.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { MachineUsage, OnMachine } from '../usage/machine.ts';
import type { MeterOf } from '../usage/usage.ts';
import type { HookRunner } from '../worker/hooks.ts';
import type { ReportedVolumes } from './agent.ts';
import type { CpuManager } from './cpus/cpu-manager.ts';
import type { LeaseLoop } from './lease.ts';
import type { MemoryManager } from './memory/memory-manager.ts';
import type { AssignmentParts } from './pod-assignment.ts';
import type { PodSource } from './pod-source.ts';
import type { NodeFacts } from './status.ts';

export interface NodeOptions extends EvictionOptions {
  readonly env: Env;
  readonly client: Client;
  readonly informers: Informers;
  readonly facts: NodeFacts;
  readonly runtime: Runtime;
  readonly setup: PodSetup;
  readonly hooks: HookRunner;
  readonly runProbe: RunProbe;
  readonly podSource: PodSource;
  readonly objects: ObjectSource;
  readonly leases: LeaseLoop;
  readonly swap: SwapRules;
  /** Of the disk that images lie on; without it no image is ever removed. */
  readonly disk?: () => Promise<DiskUsage>;
  /** How images are pulled and removed; default as an empty configuration has it, with nothing on disk. */
  readonly images?: NodeImages;
  readonly podNetwork?: PodNetwork;
  /** Done between the registration of the Node and its first status: it is not ready before. */
  readonly whenRegistered?: () => Promise<void>;
  /** Sysctls that pods may set besides the safe ones; default none. */
  readonly unsafeSysctls?: readonly AllowedSysctl[];
  /** Absent where containers use all processors. */
  readonly cpus?: CpuManager | undefined;
  /** Absent for a simulated node, whose pods get no devices. */
  readonly claims?: Pick<NodeClaims, 'start'> & { readonly manager: PodClaims };
  /** Absent where containers use the memory of all NUMA nodes. */
  readonly memory?: MemoryManager | undefined;
  /** Absent where resources are not aligned. */
  readonly topology?: AssignmentParts['topology'];
  /** Absent on a node without device plugins. */
  readonly devices?: DevicePlugins | undefined;
  /** What containers are given devices by; default none. */
  readonly deviceSources?: readonly DeviceSource[];
  readonly meter: MeterOf;
  /** Absent for a simulated node. */
  readonly machineUsageOf?: (on: OnMachine) => MachineUsage;
  /** Of the node's parts, beside those of its probes. */
  readonly metrics?: readonly Metric[];
  /** Upstream's KubeletConfiguration, as `/configz` shows it; absent for a node that has none. */
  readonly configuration?: object;
  /** Volumes that must not be detached from the node; without it none are reported. */
  readonly volumesInUse?: ReportedVolumes;
  /** Waited for before a deleted pod's containers are stopped; by default they are stopped at once. */
  readonly untilDrained?: (podIp: string) => Promise<void>;
  /** Absent where no policies are applied. */
  readonly networkPolicies?: PodPolicies;
}

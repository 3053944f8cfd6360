/** What the workers of one node share. */

import type { Service } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import type { BackOffs } from '#base/back-off.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import type { EventRecorder } from '#client/events/recorder.ts';
import type { Rejection } from '../admission/rejection.ts';
import type { ImageManager } from '../images/image-manager.ts';
import type { ObjectSource } from '../objects/object-source.ts';
import type { NodePod } from '../pod/pod.ts';
import type { Prober } from '../probes/prober.ts';
import type { PodSetup } from '../runtime/machine.ts';
import type { PodView } from '../runtime/pod-view.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { HookRunner } from './hooks.ts';
import type { StatusManager } from './status-manager.ts';

export interface NodeParts {
  readonly env: Env;
  readonly client: Client;
  readonly nodeName: string;
  readonly nodeIp: string;
  readonly runtime: Runtime;
  readonly setup: PodSetup;
  readonly events: EventRecorder;
  readonly images: ImageManager;
  readonly probes: Prober;
  readonly hooks: HookRunner;
  readonly statuses: StatusManager;
  readonly objects: ObjectSource;
  readonly restarts: BackOffs;
  /** The runtime's view of a pod, with the last words of ended containers. */
  readView(podUid: string): Promise<PodView>;
  /** Why the resources of this resized pod cannot be granted beside those of all other pods now, or undefined. */
  deferResize(pod: NodePod): Rejection | undefined;
  /** Lets a pod that has ended vanish from the API. */
  deletePod(pod: NodePod): Promise<void>;
  services(): Stored<Service>[];
  allocatable(): Record<string, string>;
  readonly memoryBytes: number;
  /** Resolves when services no longer send new traffic to this address, or soon after that it is no use to wait. */
  untilDrained(podIp: string): Promise<void>;
}

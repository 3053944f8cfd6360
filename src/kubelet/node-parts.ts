/** What the workers of one node share. */

import type { Stored } from '#api/object.ts';
import type { Service } from '#api/types.gen.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import type { EventRecorder } from '#client/event-recorder.ts';
import type { Rejection } from './admission/rejection.ts';
import type { BackOff } from './back-off.ts';
import type { HookRunner } from './hooks.ts';
import type { ImageManager } from './images.ts';
import type { ObjectSource } from './object-source.ts';
import type { NodePod } from './pod.ts';
import type { PodSetup } from './pod-setup.ts';
import type { PodView } from './pod-view.ts';
import type { Prober } from './probes/prober.ts';
import type { Runtime } from './runtime.ts';
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
  readonly restarts: BackOff;
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

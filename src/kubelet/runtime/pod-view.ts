/** What the runtime knows of one pod, read at one moment: the view that plans and statuses are made from. */

import type { ContainerStatus, Runtime, SandboxStatus } from './runtime.ts';
import { RuntimeError } from './runtime.ts';

export interface PodView {
  /** Newest first. */
  readonly sandboxes: readonly SandboxStatus[];
  /** Newest first. */
  readonly containers: readonly ContainerStatus[];
}

export async function readPodView(runtime: Runtime, podUid: string): Promise<PodView> {
  const [sandboxes, containers] = await Promise.all([
    runtime.listPodSandboxes(podUid),
    runtime.listContainers(podUid),
  ]);
  const [sandboxStates, containerStates] = await Promise.all([
    Promise.all(sandboxes.map((sandbox) => unlessGone(() => runtime.podSandboxStatus(sandbox.id)))),
    Promise.all(
      containers.map((container) =>
        unlessGone(async () => ({
          ...(await runtime.containerStatus(container.id)),
          sandboxId: container.sandboxId,
        })),
      ),
    ),
  ]);
  return {
    sandboxes: sandboxStates
      .filter(present)
      .sort((a, b) => b.createdAtMs - a.createdAtMs || b.attempt - a.attempt),
    containers: containerStates
      .filter(present)
      .sort((a, b) => b.createdAtMs - a.createdAtMs || b.attempt - a.attempt),
  };
}

/** The newest container of that name. */
export function latest(view: PodView, name: string): ContainerStatus | undefined {
  return view.containers.find((container) => container.name === name);
}

/** Addresses of the pod's newest sandbox, as long as it lives. */
export function podIps(view: PodView): string[] {
  const sandbox = view.sandboxes[0];
  return sandbox?.ready ? sandbox.ips : [];
}

function present<T>(value: T | undefined): value is T {
  return value !== undefined;
}

async function unlessGone<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof RuntimeError && error.code === 'NotFound') return undefined;
    throw error;
  }
}

/** Its sandbox or a container still runs. */
export function isAlive({ sandboxes, containers }: PodView): boolean {
  return sandboxes.some(({ ready }) => ready) || containers.some(({ state }) => state === 'running');
}

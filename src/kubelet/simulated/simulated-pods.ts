/** The sandboxes and containers of a simulated runtime, and the listeners for changes of their pods. */

import type { Timer } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import { type ContainerStatus, RuntimeError, type SandboxStatus } from '../runtime/runtime.ts';
import { AddressPool } from './address-pool.ts';
import { PodIndex } from './pod-index.ts';
import type { Script } from './script.ts';

export interface SimulatedContainer {
  status: ContainerStatus;
  readonly script: Script;
  readonly env: ReadonlyMap<string, string>;
  readonly log: { atMs: number; line: string }[];
  readonly hostname: string;
  timer: Timer | undefined;
}

export class SimulatedPods {
  readonly env: Env;
  readonly sandboxes = new Map<string, SandboxStatus>();
  readonly containers = new Map<string, SimulatedContainer>();
  readonly addresses = new AddressPool();
  readonly listeners = new Set<(podUid: string) => void>();
  readonly #index = new PodIndex();
  readonly #annotations = new Map<string, Record<string, string>>();

  constructor(env: Env) {
    this.env = env;
  }

  newId(): string {
    return `${this.env.random.uuid()}${this.env.random.uuid()}`.replaceAll('-', '');
  }

  annotationsOf(podUid: string): Readonly<Record<string, string>> {
    return this.#annotations.get(podUid) ?? {};
  }

  addSandbox(sandbox: SandboxStatus): void {
    this.sandboxes.set(sandbox.id, sandbox);
    this.#annotations.set(sandbox.podUid, sandbox.annotations);
    this.#index.add(sandbox.podUid, sandbox.id);
    this.changed(sandbox.podUid);
  }

  addContainer(container: SimulatedContainer): void {
    const { id, podUid } = container.status;
    this.containers.set(id, container);
    this.#index.add(podUid, id);
  }

  /** After a sandbox or a container was removed: with the last of them, what is kept of the pod goes. */
  forget(podUid: string, id: string): void {
    if (this.#index.remove(podUid, id)) this.#annotations.delete(podUid);
  }

  sandboxesOf(podUid: string | undefined): SandboxStatus[] {
    return this.#index.choose(this.sandboxes, podUid);
  }

  containersOf(podUid: string | undefined): SimulatedContainer[] {
    return this.#index.choose(this.containers, podUid);
  }

  container(id: string): SimulatedContainer {
    const found = this.containers.get(id);
    if (!found) {
      throw new RuntimeError('NotFound', `an error occurred when try to find container "${id}": not found`);
    }
    return found;
  }

  end(container: SimulatedContainer, exitCode: number): void {
    if (container.status.state === 'exited') return;
    container.timer?.cancel();
    const reason = exitCode === 0 ? 'Completed' : 'Error';
    const finishedAtMs = this.env.clock.now();
    container.status = { ...container.status, state: 'exited', exitCode, reason, finishedAtMs };
    this.changed(container.status.podUid);
  }

  changed(podUid: string): void {
    for (const listener of this.listeners) listener(podUid);
  }
}

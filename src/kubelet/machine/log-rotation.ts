/** Every few seconds moves the logs of running containers that have grown too long aside. */

import type { Env } from '#base/env.ts';
import { Repeater } from '#base/repeater.ts';
import type { NodePod } from '../pod/pod.ts';
import type { LogFiles } from '../runtime/machine.ts';
import type { ContainerSummary, Runtime } from '../runtime/runtime.ts';

const intervalMs = 10_000;

export class LogRotation {
  readonly #env: Env;
  readonly #runtime: Runtime;
  readonly #files: LogFiles;
  readonly #pods: () => NodePod[];
  readonly #rounds: Repeater;

  constructor(env: Env, runtime: Runtime, files: LogFiles, pods: () => NodePod[]) {
    this.#env = env;
    this.#runtime = runtime;
    this.#files = files;
    this.#pods = pods;
    this.#rounds = new Repeater(env.clock, intervalMs, () => this.#rotateAll());
  }

  start(): void {
    this.#rounds.start();
  }

  stop(): void {
    this.#rounds.stop();
  }

  async #rotateAll(): Promise<void> {
    try {
      const running = (await this.#runtime.listContainers()).filter(
        (container) => container.state === 'running',
      );
      for (const pod of this.#pods()) {
        const own = running.filter((container) => container.podUid === pod.metadata.uid);
        await this.#rotate(pod, own).catch((error: unknown) => this.#warn(error));
      }
    } catch (error) {
      this.#warn(error);
    }
  }

  #warn(error: unknown): void {
    this.#env.log.warn('logs could not be rotated', { error: String(error) });
  }

  async #rotate(pod: NodePod, containers: ContainerSummary[]): Promise<void> {
    const rotated = await this.#files.rotate(pod, containers);
    for (const id of rotated) await this.#runtime.reopenLog(id);
    await this.#files.tidy(
      pod,
      containers.filter((container) => rotated.includes(container.id)),
    );
  }
}

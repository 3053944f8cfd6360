/** Every few seconds moves the logs of running containers that have grown too long aside. */

import type { Timer } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import type { NodePod } from '../pod/pod.ts';
import type { LogFiles } from '../runtime/machine.ts';
import type { ContainerSummary, Runtime } from '../runtime/runtime.ts';

const intervalMs = 10_000;

export class LogRotation {
  readonly #env: Env;
  readonly #runtime: Runtime;
  readonly #files: LogFiles;
  readonly #pods: () => NodePod[];
  #timer: Timer | undefined;
  #stopped = false;

  constructor(env: Env, runtime: Runtime, files: LogFiles, pods: () => NodePod[]) {
    this.#env = env;
    this.#runtime = runtime;
    this.#files = files;
    this.#pods = pods;
  }

  start(): void {
    if (!this.#stopped) this.#timer = this.#env.clock.after(intervalMs, () => void this.#look());
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  async #look(): Promise<void> {
    try {
      const running = (await this.#runtime.listContainers()).filter(
        (container) => container.state === 'running',
      );
      for (const pod of this.#pods()) {
        const own = running.filter((container) => container.podUid === pod.metadata.uid);
        await this.#rotate(pod, own).catch((error: unknown) => this.#tell(error));
      }
    } catch (error) {
      this.#tell(error);
    }
    this.start();
  }

  #tell(error: unknown): void {
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

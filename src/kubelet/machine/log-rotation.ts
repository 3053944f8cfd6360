/** Every few seconds moves the logs of running containers that have grown too long aside. */

import type { Timer } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import type { NodePod } from '../pod/pod.ts';
import type { LogFiles } from '../runtime/machine.ts';
import type { ContainerSummary, Runtime } from '../runtime/runtime.ts';

const intervalMs = 10_000;

export class LogRotation {
  private readonly env: Env;
  private readonly runtime: Runtime;
  private readonly files: LogFiles;
  private readonly pods: () => NodePod[];
  private timer: Timer | undefined;
  private stopped = false;

  constructor(env: Env, runtime: Runtime, files: LogFiles, pods: () => NodePod[]) {
    this.env = env;
    this.runtime = runtime;
    this.files = files;
    this.pods = pods;
  }

  start(): void {
    if (!this.stopped) this.timer = this.env.clock.after(intervalMs, () => void this.look());
  }

  stop(): void {
    this.stopped = true;
    this.timer?.cancel();
  }

  private async look(): Promise<void> {
    try {
      const running = (await this.runtime.listContainers()).filter((one) => one.state === 'running');
      for (const pod of this.pods()) {
        const own = running.filter((one) => one.podUid === pod.metadata.uid);
        await this.rotate(pod, own).catch((error: unknown) => this.tell(error));
      }
    } catch (error) {
      this.tell(error);
    }
    this.start();
  }

  private tell(error: unknown): void {
    this.env.log.warn('logs could not be rotated', { error: String(error) });
  }

  private async rotate(pod: NodePod, containers: ContainerSummary[]): Promise<void> {
    const rotated = await this.files.rotate(pod, containers);
    for (const id of rotated) await this.runtime.reopenLog(id);
    await this.files.tidy(
      pod,
      containers.filter((one) => rotated.includes(one.id)),
    );
  }
}

/** Makes an image present as the pull policy says, with upstream's events and its back-off between failed pulls. */

import { defaultPullPolicy } from '#api/image-name.ts';
import type { Env } from '#base/env.ts';
import type { EventRecorder } from '#client/event-recorder.ts';
import { BackOff } from './back-off.ts';
import type { StartFailure } from './container-statuses.ts';
import { type AnyContainer, type NodePod, podReference } from './pod.ts';
import type { ImageRecord, Runtime } from './runtime.ts';

export type ImageAnswer = { readonly image: ImageRecord } | { readonly failure: StartFailure };

export class ImageManager {
  private readonly env: Env;
  private readonly runtime: Runtime;
  private readonly events: EventRecorder;
  private readonly backOff: BackOff;
  private readonly failures = new Map<string, number>();
  /** Why the last pull failed, repeated while it is backed off. */
  private readonly lastErrors = new Map<string, string>();

  constructor(env: Env, runtime: Runtime, events: EventRecorder) {
    this.env = env;
    this.runtime = runtime;
    this.events = events;
    this.backOff = new BackOff(env.clock);
  }

  async ensure(pod: NodePod, container: AnyContainer): Promise<ImageAnswer> {
    const name = container.image ?? '';
    const policy = container.imagePullPolicy ?? defaultPullPolicy(name);
    const present = await this.runtime.imageStatus(name);
    if (present && (policy !== 'Always' || isLocalOnly(present))) {
      const message = `Container image "${name}" already present on machine and can be accessed by the pod`;
      this.event(pod, container, 'Normal', 'Pulled', message);
      return { image: present };
    }
    if (policy === 'Never') {
      const message = `Container image "${name}" is not present with pull policy of Never`;
      this.event(pod, container, 'Warning', 'ErrImageNeverPull', message);
      return { failure: { reason: 'ErrImageNeverPull', message } };
    }
    return this.pull(pod, container, name);
  }

  forget(pod: NodePod): void {
    this.backOff.forget(pod.metadata.uid);
    for (const key of this.lastErrors.keys())
      if (key.startsWith(pod.metadata.uid)) this.lastErrors.delete(key);
  }

  private async pull(pod: NodePod, container: AnyContainer, name: string): Promise<ImageAnswer> {
    const key = `${pod.metadata.uid}/${name}`;
    const startedMs = this.env.clock.now();
    if (this.backOff.delayMs(key) > 0 && this.backOff.remainingMs(key, this.failedAtMs(key)) > 0) {
      const message = `Back-off pulling image "${name}"`;
      this.event(pod, container, 'Normal', 'BackOff', message);
      this.event(pod, container, 'Warning', 'Failed', 'Error: ImagePullBackOff');
      const last = this.lastErrors.get(key);
      return { failure: { reason: 'ImagePullBackOff', message: last ? `${message}: ${last}` : message } };
    }
    this.event(pod, container, 'Normal', 'Pulling', `Pulling image "${name}"`);
    try {
      await this.runtime.pullImage(name);
      const image = await this.runtime.imageStatus(name);
      if (!image) throw new Error(`image "${name}" is not there after its pull`);
      const took = `${this.env.clock.now() - startedMs}ms`;
      const message = `Successfully pulled image "${name}" in ${took} (${took} including waiting). Image size: ${image.sizeBytes} bytes.`;
      this.event(pod, container, 'Normal', 'Pulled', message);
      return { image };
    } catch (error) {
      return { failure: this.pullFailed(pod, container, key, error) };
    }
  }

  private pullFailed(pod: NodePod, container: AnyContainer, key: string, error: unknown): StartFailure {
    const message = error instanceof Error ? error.message : String(error);
    const name = container.image ?? '';
    this.event(pod, container, 'Warning', 'Failed', `Failed to pull image "${name}": ${message}`);
    this.event(pod, container, 'Warning', 'Failed', 'Error: ErrImagePull');
    const nowMs = this.env.clock.now();
    this.backOff.next(key, nowMs);
    this.failures.set(key, nowMs);
    this.lastErrors.set(key, `ErrImagePull: ${message}`);
    return { reason: 'ErrImagePull', message };
  }

  private failedAtMs(key: string): number {
    return this.failures.get(key) ?? 0;
  }

  private event(
    pod: NodePod,
    container: AnyContainer,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
  ): void {
    this.events.event(podReference(pod, container.name), type, reason, message);
  }
}

/** Imported from a file, so that no registry knows it and none has to be asked. */
function isLocalOnly(image: ImageRecord): boolean {
  return image.repoDigests.length === 0;
}

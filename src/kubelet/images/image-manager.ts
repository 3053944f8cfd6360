/**
 * Makes an image present as the pull policy says, with upstream's events and its back-off between failed
 * pulls.
 */

import { goDurationText } from '#api/go/duration.ts';
import type { AnyContainer } from '#api/pods/containers.ts';
import { defaultPullPolicy } from '#api/values/pull-policy.ts';
import type { Env } from '#base/env.ts';
import { lazily } from '#base/lazily.ts';
import { errorText } from '#base/text/error-text.ts';
import { parseImageName } from '#base/text/image-name.ts';
import type { EventRecorder } from '#client/events/recorder.ts';
import { progressText } from '#host/containerd/pull-progress.ts';
import type { StartFailure } from '../decide/container-statuses.ts';
import type { ObjectSource } from '../pod/objects/object-source.ts';
import { type NodePod, podReference } from '../pod/pod.ts';
import type { ImageRecord, Runtime } from '../runtime/runtime.ts';
import { FailedPulls } from './failed-pulls.ts';
import {
  ImagePuller,
  type PodCredentials,
  type Pulled,
  type PullRequest,
  type PullSettings,
} from './image-puller.ts';
import {
  accessOf,
  type ImageAccess,
  knownAccess,
  newRecord,
  type PullRecord,
  withAccess,
} from './pull-access.ts';
import type { PullRecords } from './pull-records.ts';
import { readPullSecrets } from './pull-secrets.ts';
import type { CredentialProviders } from './registries/credential-providers.ts';
import { credentialsFor } from './registries/pull-credentials.ts';

/** A container, or a volume with its image. */
export type WantedImage = AnyContainer & {
  /** Its pull is an event of the pod, not of the container. */
  readonly isVolume?: boolean;
};

export type ImageAnswer = { readonly image: ImageRecord } | { readonly failure: StartFailure };

export interface ImageManagerOptions {
  readonly env: Env;
  readonly runtime: Runtime;
  readonly events: EventRecorder;
  readonly objects: ObjectSource;
  readonly pulls: PullSettings;
  readonly records: PullRecords;
}

export class ImageManager {
  readonly #env: Env;
  readonly #runtime: Runtime;
  readonly #events: EventRecorder;
  readonly #objects: ObjectSource;
  readonly #records: PullRecords;
  readonly #puller: ImagePuller;
  readonly #providers: CredentialProviders | undefined;
  readonly #failed: FailedPulls;

  constructor(options: ImageManagerOptions) {
    const { env, runtime, events, objects, pulls, records } = options;
    this.#env = env;
    this.#runtime = runtime;
    this.#events = events;
    this.#objects = objects;
    this.#records = records;
    this.#puller = new ImagePuller(env, runtime, pulls);
    this.#providers = pulls.providers;
    this.#failed = new FailedPulls(env);
  }

  /** An aborted `signal` cancels the pull, which then has failed. */
  async ensure(pod: NodePod, container: WantedImage, signal?: AbortSignal): Promise<ImageAnswer> {
    const answer = await this.#present(pod, container, signal);
    if ('failure' in answer && answer.failure.reason !== 'ErrImagePull') {
      this.#failedEvent(pod, container, answer.failure.reason);
    }
    return answer;
  }

  forget(pod: NodePod): void {
    this.#failed.forget(pod);
  }

  async #present(pod: NodePod, container: WantedImage, signal?: AbortSignal): Promise<ImageAnswer> {
    const name = container.image ?? '';
    const parsed = parseImageName(name);
    if (typeof parsed === 'string') {
      const message = `Failed to apply default image tag "${name}": couldn't parse image name "${name}": ${parsed}`;
      this.#event(pod, container, 'Warning', 'InspectFailed', message);
      return { failure: { reason: 'InvalidImageName', message } };
    }
    const policy = container.imagePullPolicy ?? defaultPullPolicy(name);
    let found: ImageRecord | undefined;
    try {
      found = await this.#runtime.imageStatus(name);
    } catch (error) {
      const message = `Failed to inspect image "${name}": ${errorText(error)}`;
      this.#event(pod, container, 'Warning', 'InspectFailed', message);
      return { failure: { reason: 'ImageInspectError', message } };
    }
    const credentials = lazily(() => this.#credentials(pod, container, name));
    if (found && (await this.#mayUse(found, name, policy, credentials))) {
      const message = `Container image "${name}" already present on machine and can be accessed by the pod`;
      this.#event(pod, container, 'Normal', 'Pulled', message);
      return { image: found };
    }
    if (policy === 'Never') {
      const message = `Container image "${name}" is not present with pull policy of Never`;
      this.#event(pod, container, 'Warning', 'ErrImageNeverPull', message);
      return { failure: { reason: 'ErrImageNeverPull', message } };
    }
    return this.#pull(pod, container, credentials, signal);
  }

  /**
   * Every pod may use an image that was loaded by hand. One that a secret has pulled is for pods whose secrets could
   * have pulled it.
   */
  async #mayUse(
    image: ImageRecord,
    name: string,
    policy: string,
    credentials: () => Promise<PodCredentials>,
  ): Promise<boolean> {
    if (policy === 'Always') return isLocalOnly(image);
    const record = this.#records.get(image.id);
    if (!record) return !this.#records.isPulling(name);
    const access = await knownAccess(record, name, async () => {
      const { secrets, provided } = await credentials();
      return [...secrets, ...provided];
    });
    if (access) await this.#record(record, name, access);
    return access !== undefined;
  }

  async #record(before: PullRecord, name: string, access: ImageAccess): Promise<void> {
    const record = withAccess(before, name, access, new Date(this.#env.clock.now()).toISOString());
    if (record === before) return;
    try {
      await this.#records.put(record);
    } catch (error) {
      // The pod has shown that it may use the image; without the record it is asked again.
      this.#env.log.warn('the record of a pull was not written', { image: name, error: errorText(error) });
    }
  }

  async #pull(
    pod: NodePod,
    container: WantedImage,
    credentials: () => Promise<PodCredentials>,
    signal?: AbortSignal,
  ): Promise<ImageAnswer> {
    const name = container.image ?? '';
    const backOff = this.#failed.backingOff(pod, name);
    if (backOff) {
      const text = `Back-off pulling image "${name}"`;
      this.#event(pod, container, 'Normal', 'BackOff', text);
      const { message, retryInMs } = backOff;
      return {
        failure: { reason: 'ImagePullBackOff', message: `${text}: ErrImagePull: ${message}`, retryInMs },
      };
    }
    const startedMs = this.#env.clock.monotonicMs();
    this.#event(pod, container, 'Normal', 'Pulling', `Pulling image "${name}"`);
    try {
      const { image, tookMs } = await this.#recordedPull(name, {
        credentials: await credentials(),
        signal,
        onProgress: (progress) => {
          const message = `Pulling image "${name}": ${progressText(progress)}`;
          this.#event(pod, container, 'Normal', 'Pulling', message);
        },
      });
      const withWaiting = goDurationText(this.#env.clock.monotonicMs() - startedMs);
      const message = `Successfully pulled image "${name}" in ${goDurationText(tookMs)} (${withWaiting} including waiting). Image size: ${image.sizeBytes} bytes.`;
      this.#event(pod, container, 'Normal', 'Pulled', message);
      return { image };
    } catch (error) {
      return { failure: this.#pullFailed(pod, container, error) };
    }
  }

  async #recordedPull(name: string, request: PullRequest): Promise<Pulled> {
    await this.#records.begin(name);
    try {
      const pulled = await this.#puller.pull(name, request);
      const { id } = pulled.image;
      const time = new Date(this.#env.clock.now()).toISOString();
      await this.#record(this.#records.get(id) ?? newRecord(id, time), name, accessOf(pulled.used));
      return pulled;
    } finally {
      await this.#records.end(name).catch(() => {});
    }
  }

  async #credentials(pod: NodePod, container: WantedImage, name: string): Promise<PodCredentials> {
    const { found, missing } = await readPullSecrets(this.#objects, pod);
    if (missing.length > 0) {
      const message = `Unable to retrieve some image pull secrets (${missing.join(', ')}); attempting to pull the image may not succeed.`;
      this.#event(pod, container, 'Warning', 'FailedToRetrieveImagePullSecret', message);
    }
    const secrets = credentialsFor(name, found);
    return { secrets, provided: (await this.#providers?.credentialsFor(name, pod)) ?? [] };
  }

  #pullFailed(pod: NodePod, container: WantedImage, error: unknown): StartFailure {
    const message = errorText(error);
    this.#event(pod, container, 'Warning', 'Failed', `Failed to pull image "${container.image}": ${message}`);
    this.#failedEvent(pod, container, 'ErrImagePull');
    const retryInMs = this.#failed.add(pod, container.image ?? '', message);
    return { reason: 'ErrImagePull', message, retryInMs };
  }

  #event(
    pod: NodePod,
    container: WantedImage,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
  ): void {
    const subject = container.isVolume ? podReference(pod) : podReference(pod, container.name);
    this.#events.event(subject, type, reason, message);
  }

  /** Of the container that cannot start; for a volume it is recorded for each container that mounts it. */
  #failedEvent(pod: NodePod, container: WantedImage, reason: string): void {
    if (container.isVolume) return;
    this.#events.event(podReference(pod, container.name), 'Warning', 'Failed', `Error: ${reason}`);
  }
}

/** Imported from a file: no registry has it, and none has to be contacted. */
function isLocalOnly(image: ImageRecord): boolean {
  return image.repoDigests.length === 0;
}

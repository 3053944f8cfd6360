/**
 * Pulls an image, as many at a time as the node may: under the names that `registries.yaml` gives it elsewhere, then
 * under its own with each of the credentials that may fit.
 */

import { nodeCredentials, rewrittenNames } from '#api/configuration/registries/names.ts';
import { noRegistries } from '#api/configuration/registries/registries.ts';
import { sleep } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import type { PullProgress } from '#host/containerd/pull-progress.ts';
import type { ImageCalls, ImageRecord, RegistryCredentials } from '../runtime/runtime.ts';
import { PullSlots } from './pull-slots.ts';
import type { CredentialProviders } from './registries/credential-providers.ts';
import type { NodeRegistries } from './registries/node-registries.ts';
import type { PullCredentials } from './registries/pull-credentials.ts';
import { type PullLooks, watchedPull } from './watched-pull.ts';

export interface Pulled {
  readonly image: ImageRecord;
  /** What the registry wanted; undefined when it wanted nothing. */
  readonly used: PullCredentials | undefined;
  /** Without the time that the pull waited for its turn. */
  readonly tookMs: number;
}

export interface PullSettings {
  /** Further pulls wait. */
  readonly parallelPullsMax: number;
  readonly registries?: NodeRegistries;
  readonly providers?: CredentialProviders;
  /** Looks at the pull of an image that has just begun; without it pulls are not watched. */
  readonly looksAt?: (image: string) => PullLooks;
}

/** What a pod can pull an image with, before and after the passwords of the node itself. */
export interface PodCredentials {
  readonly secrets: readonly PullCredentials[];
  /** Of programs. */
  readonly provided: readonly PullCredentials[];
}

/** Of the pod that wants the image. */
export interface PullRequest {
  readonly credentials: PodCredentials;
  /** An aborted signal ends the pull. */
  readonly signal?: AbortSignal | undefined;
  /** Called now and then while the pull runs. */
  readonly onProgress: (progress: PullProgress) => void;
}

/** The runtime notices a name that it did not give itself with a short delay. */
const tagLooks = 50;
const tagLookMs = 20;

export class ImagePuller {
  readonly #env: Env;
  readonly #runtime: ImageCalls;
  readonly #registries: NodeRegistries | undefined;
  readonly #looksAt: PullSettings['looksAt'];
  readonly #slots: PullSlots;

  constructor(env: Env, runtime: ImageCalls, settings: PullSettings) {
    const { registries, looksAt, parallelPullsMax } = settings;
    this.#env = env;
    this.#runtime = runtime;
    this.#registries = registries;
    this.#looksAt = looksAt;
    this.#slots = new PullSlots(parallelPullsMax);
  }

  /** Throws the reasons of all attempts. */
  pull(name: string, request: PullRequest): Promise<Pulled> {
    return this.#slots.use(async () => {
      const { clock } = this.#env;
      const startedMs = clock.monotonicMs();
      const used = await this.#attempts(name, request);
      const image = await this.#present(name);
      return { image, used, tookMs: clock.monotonicMs() - startedMs };
    }, request.signal);
  }

  async #attempts(name: string, request: PullRequest): Promise<PullCredentials | undefined> {
    const registries = (await this.#registries?.current()) ?? noRegistries;
    const errors: Error[] = [];
    for (const elsewhere of rewrittenNames(registries, name)) {
      try {
        await this.#pullOnce(elsewhere.name, elsewhere.credentials, request);
        await this.#registries?.tag(elsewhere.name, name);
        return undefined;
      } catch (error) {
        errors.push(error as Error);
      }
    }
    const own = nodeCredentials(registries, name).map((credentials) => ({ credentials }));
    const { secrets, provided } = request.credentials;
    const all: PullCredentials[] = [...secrets, ...own, ...provided];
    for (const credentials of all.length > 0 ? all : [undefined]) {
      try {
        await this.#pullOnce(name, credentials?.credentials, request);
        return credentials;
      } catch (error) {
        errors.push(error as Error);
      }
    }
    throw joined(errors);
  }

  async #pullOnce(
    name: string,
    credentials: RegistryCredentials | undefined,
    { onProgress, signal }: PullRequest,
  ): Promise<void> {
    const pull = (ending?: AbortSignal) => this.#runtime.pullImage(name, credentials, ending);
    const looks = this.#looksAt?.(name);
    if (looks) await watchedPull(this.#env, { image: name, looks, onProgress, signal }, pull);
    else await pull(signal);
  }

  async #present(name: string): Promise<ImageRecord> {
    for (let look = 0; look < tagLooks; look++) {
      const image = await this.#runtime.imageStatus(name);
      if (image) return image;
      await sleep(this.#env.clock, tagLookMs);
    }
    throw new Error(`image "${name}" is not there after its pull`);
  }
}

function joined(errors: readonly Error[]): Error {
  const messages = [...new Set(errors.map((error) => error.message))];
  return new Error(messages.length === 1 ? messages[0] : `[${messages.join(', ')}]`);
}

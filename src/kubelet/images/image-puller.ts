/**
 * Pulls an image, as many at a time as the node may: under the names that `registries.yaml` gives it elsewhere, then
 * under its own with each of the credentials that may fit.
 */

import { noRegistries } from '#api/configuration/registries.ts';
import { sleep } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import type { ImageCalls, ImageRecord } from '../runtime/runtime.ts';
import { PullSlots } from './pull-slots.ts';
import type { CredentialProviders } from './registries/credential-providers.ts';
import { type NodeRegistries, nodeCredentials, rewrittenNames } from './registries/node-registries.ts';
import type { PullCredentials } from './registries/pull-credentials.ts';

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
}

/** The runtime notices a name that it did not give itself with a short delay. */
const tagLooks = 50;
const tagLookMs = 20;

export class ImagePuller {
  readonly #env: Env;
  readonly #runtime: ImageCalls;
  readonly #registries: NodeRegistries | undefined;
  readonly #providers: CredentialProviders | undefined;
  readonly #slots: PullSlots;

  constructor(env: Env, runtime: ImageCalls, { registries, providers, parallelPullsMax }: PullSettings) {
    this.#env = env;
    this.#runtime = runtime;
    this.#registries = registries;
    this.#providers = providers;
    this.#slots = new PullSlots(parallelPullsMax);
  }

  /** Throws the reasons of all attempts. An aborted `signal` ends it. */
  pull(name: string, podCredentials: readonly PullCredentials[], signal?: AbortSignal): Promise<Pulled> {
    return this.#slots.use(async () => {
      const { clock } = this.#env;
      const startedMs = clock.monotonicMs();
      const used = await this.#attempts(name, podCredentials, signal);
      const image = await this.#present(name);
      return { image, used, tookMs: clock.monotonicMs() - startedMs };
    }, signal);
  }

  async #attempts(
    name: string,
    podCredentials: readonly PullCredentials[],
    signal?: AbortSignal,
  ): Promise<PullCredentials | undefined> {
    const registries = (await this.#registries?.current()) ?? noRegistries;
    const errors: Error[] = [];
    for (const elsewhere of rewrittenNames(registries, name)) {
      try {
        await this.#runtime.pullImage(elsewhere.name, elsewhere.credentials, signal);
        await this.#registries?.tag(elsewhere.name, name);
        return undefined;
      } catch (error) {
        errors.push(error as Error);
      }
    }
    const own = nodeCredentials(registries, name).map((credentials) => ({ credentials }));
    const provided = (await this.#providers?.credentialsFor(name)) ?? [];
    const all: PullCredentials[] = [...podCredentials, ...own, ...provided];
    for (const credentials of all.length > 0 ? all : [undefined]) {
      try {
        await this.#runtime.pullImage(name, credentials?.credentials, signal);
        return credentials;
      } catch (error) {
        errors.push(error as Error);
      }
    }
    throw joined(errors);
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

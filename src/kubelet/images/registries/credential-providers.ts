/**
 * Asks programs of this machine for passwords of registries. A program that fails, hangs or answers nonsense gives none.
 * Upstream: pkg/credentialprovider/plugin.
 */

import { type CredentialProvider, cacheDuration } from '#api/configuration/kubelet/credential-providers.ts';
import { RecentMap } from '#base/collections/recent-map.ts';
import type { Env } from '#base/env.ts';
import { errorText } from '#base/text/error-text.ts';
import { parseImageName } from '#base/text/image-name.ts';
import { tryCommand } from '#host/processes/command.ts';
import { isJsonObject, type JsonObject } from '#wire/json/value.ts';
import { type PullCredentials, placeFits } from './pull-credentials.ts';

interface Answer {
  readonly auth: JsonObject;
  readonly untilMs: number;
}

const answerLimitMs = 60_000;
const answersMax = 1000;
const answerBytesMax = 1024 * 1024;

export class CredentialProviders {
  readonly #env: Env;
  readonly #binDir: string;
  readonly #providers: readonly CredentialProvider[];
  readonly #answers = new RecentMap<string, Answer>(answersMax);
  /** Answers under way, by provider and image: asked once for all pods that wait. */
  readonly #asking = new Map<string, Promise<JsonObject>>();

  constructor(env: Env, binDir: string, providers: readonly CredentialProvider[]) {
    this.#env = env;
    this.#binDir = binDir;
    this.#providers = providers;
  }

  /** For every pod of the node, those for the most exact place first. */
  async credentialsFor(image: string): Promise<PullCredentials[]> {
    const fitting = this.#providers.filter(({ matchImages }) =>
      matchImages.some((place) => placeFits(place, image)),
    );
    const answers = await Promise.all(fitting.map((provider) => this.#authOf(provider, image)));
    return answers
      .flatMap((auth) => Object.entries(auth))
      .filter(([place]) => placeFits(place, image))
      .sort(([a], [b]) => b.length - a.length)
      .flatMap(([, auth]) => credentialsOf(auth));
  }

  async #authOf(provider: CredentialProvider, image: string): Promise<JsonObject> {
    const kept = this.#kept(provider, image);
    if (kept) return kept;
    const key = `${provider.name} ${image}`;
    const asking = this.#asking.get(key) ?? this.#ask(provider, image);
    this.#asking.set(key, asking);
    try {
      return await asking;
    } catch (error) {
      const { name } = provider;
      this.#env.log.warn('a credential provider gave no passwords', { name, image, error: errorText(error) });
      return {};
    } finally {
      this.#asking.delete(key);
    }
  }

  #kept({ name }: CredentialProvider, image: string): JsonObject | undefined {
    const nowMs = this.#env.clock.now();
    const keys = [`Image ${name} ${image}`, `Registry ${name} ${registryOf(image)}`, `Global ${name}`];
    return keys.map((key) => this.#answers.get(key)).find((answer) => answer && answer.untilMs > nowMs)?.auth;
  }

  async #ask(provider: CredentialProvider, image: string): Promise<JsonObject> {
    const { name, args, env, apiVersion, cacheMs } = provider;
    const input = JSON.stringify({ kind: 'CredentialProviderRequest', apiVersion, image });
    const options = { input, env: { ...env }, timeoutMs: answerLimitMs, outputBytesMax: answerBytesMax };
    const { code, stdout, stderr } = await tryCommand(`${this.#binDir}/${name}`, args, options);
    if (code !== 0) throw new Error(`it ended with ${code}: ${stderr.trim().slice(0, 1000)}`);
    const response = readResponse(stdout, apiVersion);
    const { cacheKeyType } = response;
    const keptMs = cacheDuration.read(response['cacheDuration']) ?? cacheMs;
    const auth = isJsonObject(response['auth']) ? response['auth'] : {};
    if (keptMs > 0) {
      const scopes = { Image: ` ${image}`, Registry: ` ${registryOf(image)}`, Global: '' };
      const rest = scopes[cacheKeyType as keyof typeof scopes];
      this.#answers.set(`${cacheKeyType} ${name}${rest}`, { auth, untilMs: this.#env.clock.now() + keptMs });
    }
    return auth;
  }
}

/** Throws without its text, which may contain passwords. */
function readResponse(text: string, apiVersion: string): JsonObject {
  let response: unknown;
  try {
    response = JSON.parse(text);
  } catch {
    throw new Error('its answer is no JSON');
  }
  if (!isJsonObject(response) || response['kind'] !== 'CredentialProviderResponse') {
    throw new Error('its answer is no CredentialProviderResponse');
  }
  if (response['apiVersion'] !== apiVersion) throw new Error(`its answer is not of ${apiVersion}`);
  if (!['Image', 'Registry', 'Global'].includes(String(response['cacheKeyType']))) {
    throw new Error('its cacheKeyType is none of Image, Registry, Global');
  }
  return response;
}

function credentialsOf(auth: unknown): PullCredentials[] {
  const { username, password } = isJsonObject(auth) ? auth : {};
  if (typeof username !== 'string' || typeof password !== 'string') return [];
  return [{ credentials: { username, password, identityToken: '' } }];
}

function registryOf(image: string): string {
  const parsed = parseImageName(image);
  return typeof parsed === 'string' ? '' : parsed.registry;
}

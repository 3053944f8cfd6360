/**
 * Asks programs of this machine for passwords of registries. A program that fails, hangs or answers nonsense gives none.
 * One that wants them is given a token of the pod's ServiceAccount. Upstream: pkg/credentialprovider/plugin.
 */

import { createHash } from 'node:crypto';
import { type CredentialProvider, cacheDuration } from '#api/configuration/kubelet/credential-providers.ts';
import { RecentMap } from '#base/collections/recent-map.ts';
import type { Env } from '#base/env.ts';
import type { Metric } from '#base/metrics/metric.ts';
import { errorText } from '#base/text/error-text.ts';
import { parseImageName } from '#base/text/image-name.ts';
import { tryCommand } from '#host/processes/command.ts';
import { isJsonObject, type JsonObject } from '#wire/json/value.ts';
import type { NodePod } from '../../pod/pod.ts';
import { type AccountSource, accountFor, type ProvidedAccount } from './provided-account.ts';
import { ProviderMetrics } from './provider-metrics.ts';
import { type PullCredentials, placeFits } from './pull-credentials.ts';

/** Asked for a pod: of its ServiceAccount, and of the program's answers. */
interface Question {
  readonly provider: CredentialProvider;
  /** `docker.io/library/web`, without tag and digest. */
  readonly image: string;
  /** Undefined where the program is given no token. */
  readonly account: ProvidedAccount | undefined;
}

export interface ProviderSettings {
  /** The programs lie in it. */
  readonly binDir: string;
  readonly providers: readonly CredentialProvider[];
  /** Of the files that the providers were read from. */
  readonly configHash: string;
}

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
  readonly #metrics: ProviderMetrics;
  readonly #accounts: AccountSource;
  readonly #answers = new RecentMap<string, Answer>(answersMax);
  /** Answers under way: asked once for all pods that wait for the same. */
  readonly #asking = new Map<string, Promise<JsonObject>>();

  constructor(env: Env, { binDir, providers, configHash }: ProviderSettings, accounts: AccountSource) {
    this.#env = env;
    this.#binDir = binDir;
    this.#providers = providers;
    this.#metrics = new ProviderMetrics(env.clock, configHash);
    this.#accounts = accounts;
  }

  get metrics(): readonly Metric[] {
    return this.#metrics.metrics;
  }

  /** Those for the most exact place first. */
  async credentialsFor(name: string, pod: NodePod): Promise<PullCredentials[]> {
    const parsed = parseImageName(name);
    if (typeof parsed === 'string') return [];
    const image = `${parsed.registry}/${parsed.repository}`;
    const fitting = this.#providers.filter(({ matchImages }) =>
      matchImages.some((place) => placeFits(place, image)),
    );
    const answers = await Promise.all(fitting.map((provider) => this.#provided(provider, image, pod)));
    return answers
      .flat()
      .filter(({ place }) => placeFits(place, image))
      .sort((a, b) => b.place.length - a.place.length)
      .map(({ credentials }) => credentials);
  }

  async #provided(provider: CredentialProvider, image: string, pod: NodePod): Promise<Provided[]> {
    try {
      const account = await accountFor(provider.token, pod, this.#accounts);
      if (account === 'not asked') return [];
      const auth = await this.#authOf({ provider, image, account });
      return Object.entries(auth).flatMap(([place, entry]) => providedBy(place, entry, account));
    } catch (error) {
      const { name } = provider;
      const podNames = provider.token ? { pod: pod.metadata.name, namespace: pod.metadata.namespace } : {};
      this.#env.log.warn('a credential provider gave no passwords', {
        name,
        image,
        ...podNames,
        error: errorText(error),
      });
      return [];
    }
  }

  async #authOf(question: Question): Promise<JsonObject> {
    const kept = this.#kept(question);
    if (kept) return kept;
    const { provider, image, account } = question;
    const key = JSON.stringify([provider.name, image, account?.token, account?.annotations]);
    const asking = this.#asking.get(key) ?? this.#ask(question);
    this.#asking.set(key, asking);
    try {
      return await asking;
    } finally {
      this.#asking.delete(key);
    }
  }

  #kept(question: Question): JsonObject | undefined {
    const nowMs = this.#env.clock.monotonicMs();
    return Object.values(scopes)
      .map((scope) => this.#answers.get(keyOf(question, scope)))
      .find((answer) => answer && answer.untilMs > nowMs)?.auth;
  }

  async #ask(question: Question): Promise<JsonObject> {
    const { provider, image, account } = question;
    const { name, args, env, apiVersion, cacheMs, token } = provider;
    const input = JSON.stringify({
      kind: 'CredentialProviderRequest',
      apiVersion,
      image,
      ...(account ? { serviceAccountToken: account.token } : {}),
      ...(account && Object.keys(account.annotations).length > 0
        ? { serviceAccountAnnotations: account.annotations }
        : {}),
    });
    const options = { input, env: { ...env }, timeoutMs: answerLimitMs, outputBytesMax: answerBytesMax };
    const run = () => tryCommand(`${this.#binDir}/${name}`, args, options);
    const { code, stdout, stderr } = await this.#metrics.run(name, run);
    if (code !== 0) throw new Error(`it ended with ${code}: ${stderr.trim().slice(0, 1000)}`);
    const response = readResponse(stdout, apiVersion);
    const keptMs = cacheDuration.read(response['cacheDuration']) ?? cacheMs;
    const auth = isJsonObject(response['auth']) ? response['auth'] : {};
    if (account && token?.cacheType !== 'Token') mustNotEcho(auth, account.token);
    const scope = scopes[response['cacheKeyType'] as keyof typeof scopes];
    if (keptMs > 0) {
      this.#answers.set(keyOf(question, scope), { auth, untilMs: this.#env.clock.monotonicMs() + keptMs });
    }
    return auth;
  }
}

/** By the `cacheKeyType` of an answer: what of an image's name it counts for. */
const scopes = {
  Image: (image: string) => `Image ${image}`,
  Registry: (image: string) => `Registry ${image.split('/', 1)[0]}`,
  Global: () => 'Global',
};

/** An answer counts for the pods of one ServiceAccount, as long as its annotations are the same. */
function keyOf({ provider, image, account }: Question, scope: (image: string) => string): string {
  if (!account) return JSON.stringify([provider.name, scope(image)]);
  const { namespace, name, uid } = account.identity;
  const token = provider.token?.cacheType === 'Token' ? hashOf(account.token) : '';
  return JSON.stringify([provider.name, scope(image), namespace, name, uid, account.annotations, token]);
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Kept for a ServiceAccount, a token would be used for other pods than the one that it is bound to. */
function mustNotEcho(auth: JsonObject, token: string): void {
  const isEcho = Object.values(auth).some((entry) => isJsonObject(entry) && entry['password'] === token);
  if (!isEcho) return;
  throw new Error(
    "credential provider plugin returned the service account token as the password which is not allowed when service account cache type is not set to 'Token'",
  );
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

interface Provided {
  readonly place: string;
  readonly credentials: PullCredentials;
}

function providedBy(place: string, auth: unknown, account: ProvidedAccount | undefined): Provided[] {
  const { username, password } = isJsonObject(auth) ? auth : {};
  if (typeof username !== 'string' || typeof password !== 'string') return [];
  const credentials = { username, password, identityToken: '' };
  const source = account ? { serviceAccount: account.identity } : {};
  return [{ place, credentials: { credentials, ...source } }];
}

/**
 * The trusted issuers of JSON Web Tokens, by the file of `authentication-config` or the flags `oidc-*`.
 *
 * A changed file is read again. An invalid file is logged and changes nothing; valid new issuers replace the old ones
 * as soon as all of them can be reached, which must be within a minute.
 */

import type { ApiServerArguments } from '#api/configuration/api-server-arguments.ts';
import type { UserInfo } from '#api/meta/user.ts';
import type { Env } from '#base/env.ts';
import { Repeater } from '#base/repeater.ts';
import { followUserFile, readUserFile } from '#host/files/user-file.ts';
import type { TokenUsers } from '../tokens/of-api-server.ts';
import {
  type AuthenticationConfiguration,
  type JwtIssuer,
  noConfiguration,
  readAuthenticationConfiguration,
} from './configuration.ts';
import { DistributedClaims } from './distributed-claims.ts';
import { jwtUsers } from './jwt-authenticator.ts';
import type { JwtMetrics } from './jwt-metrics.ts';
import { OidcProvider } from './provider.ts';
import { compileConfiguration } from './validate.ts';

const reachableMs = 60_000;
const lookMs = 500;
const algorithms = ['ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512'];

export interface TrustedIssuersOptions {
  readonly env: Pick<Env, 'clock' | 'log'>;
  readonly arguments: ApiServerArguments;
  /** The issuers of ServiceAccount tokens. */
  readonly disallowedIssuers: readonly string[];
  readonly metrics?: JwtMetrics;
}

interface Issuers {
  readonly users: readonly TokenUsers[];
  readonly providers: readonly OidcProvider[];
  readonly distributed: readonly DistributedClaims[];
  readonly urls: readonly string[];
}

export class TrustedIssuers implements TokenUsers {
  readonly name = 'jwt';
  /** The `anonymous` section of the file; undefined without it. */
  readonly anonymous: AuthenticationConfiguration['anonymous'];
  readonly #options: TrustedIssuersOptions;
  #issuers: Issuers;
  #file: { stop(): void } | undefined;
  #wait: Repeater | undefined;
  #next: Issuers | undefined;

  /** Throws for a configuration that is not valid. */
  constructor(options: TrustedIssuersOptions) {
    this.#options = options;
    const configuration = configurationOf(options.arguments);
    this.anonymous = configuration.anonymous;
    this.#issuers = this.#made(configuration);
  }

  /** True with a file even if it has no issuers: a changed file may add some. */
  get areConfigured(): boolean {
    return this.#issuers.users.length > 0 || this.#options.arguments['authentication-config'] !== undefined;
  }

  start(): void {
    for (const provider of this.#issuers.providers) provider.start();
    const path = this.#options.arguments['authentication-config'];
    if (path) this.#file = followUserFile(this.#options.env.clock, path, (text) => this.#reload(text));
  }

  async stop(): Promise<void> {
    this.#file?.stop();
    this.#wait?.stop();
    const all = [this.#issuers, ...(this.#next ? [this.#next] : [])];
    const parts = all.flatMap(({ providers, distributed }) => [...providers, ...distributed]);
    await Promise.all(parts.map((part) => part.stop()));
  }

  /** Each issuer authenticates only tokens that name it. */
  userOf = (token: string): UserInfo | undefined | Promise<UserInfo | undefined> => {
    for (const users of this.#issuers.users) {
      const user = users.userOf(token);
      if (user) return user;
    }
    return undefined;
  };

  #made(configuration: AuthenticationConfiguration): Issuers {
    const { env, arguments: args, disallowedIssuers, metrics } = this.#options;
    const accepted = args['authentication-config'] ? algorithms : (args['oidc-signing-algs'] ?? ['RS256']);
    const wrong = accepted.find((name) => !algorithms.includes(name));
    if (wrong !== undefined) throw new Error(`oidc: unsupported signing alg: "${wrong}"`);
    const compiled = compileConfiguration(configuration, disallowedIssuers);
    const known = [...accepted].sort();
    const made = compiled.map((issuer) => {
      const { configured } = issuer;
      const provider = new OidcProvider(configured.issuer, known, env, metrics);
      const distributed = new DistributedClaims(configured, known, env);
      const users = jwtUsers(issuer, { provider, distributed, metrics, clock: env.clock });
      return { users, provider, distributed, url: configured.issuer.url };
    });
    return {
      users: made.map(({ users }) => users),
      providers: made.map(({ provider }) => provider),
      distributed: made.map(({ distributed }) => distributed),
      urls: made.map(({ url }) => url),
    };
  }

  #reload(text: string): void {
    const { log } = this.#options.env;
    try {
      const configuration = readAuthenticationConfiguration(text);
      const next = this.#made(configuration);
      if (JSON.stringify(configuration.anonymous) !== JSON.stringify(this.anonymous)) {
        throw new Error('anonymous: Forbidden: changed from initial configuration file');
      }
      this.#replaceBy(next);
    } catch (error) {
      log.error('failed to load authentication config', { error: (error as Error).message });
    }
  }

  #replaceBy(next: Issuers): void {
    const { clock, log } = this.#options.env;
    this.#drop(this.#next);
    this.#next = next;
    for (const provider of next.providers) provider.start();
    const lastMs = clock.monotonicMs() + reachableMs;
    this.#wait?.stop();
    const wait = new Repeater(clock, lookMs, () => {
      const problem = next.providers.find((provider) => provider.problem !== undefined)?.problem;
      if (problem !== undefined && clock.monotonicMs() < lastMs) return;
      wait.stop();
      this.#next = undefined;
      if (problem !== undefined) {
        log.error('failed to update authentication config', { error: problem });
        return this.#drop(next);
      }
      const old = this.#issuers;
      this.#issuers = next;
      this.#drop(old);
      for (const url of old.urls) if (!next.urls.includes(url)) this.#options.metrics?.forget(url);
      log.info('reloaded authentication config');
    });
    this.#wait = wait;
    wait.start(0);
  }

  #drop(issuers: Issuers | undefined): void {
    for (const part of [...(issuers?.providers ?? []), ...(issuers?.distributed ?? [])]) void part.stop();
  }
}

function configurationOf(args: ApiServerArguments): AuthenticationConfiguration {
  const path = args['authentication-config'];
  const flags = Object.keys(args).filter((name) => name.startsWith('oidc-'));
  if (path !== undefined) {
    if (flags.length > 0) {
      throw new Error('authentication-config file and oidc-* flags are mutually exclusive');
    }
    try {
      return readAuthenticationConfiguration(readUserFile(path));
    } catch (error) {
      const why = (error as Error).message;
      throw new Error(`failed to load authentication configuration from file "${path}": ${why}`);
    }
  }
  if (flags.length === 0) return noConfiguration;
  return { jwt: [issuerOfFlags(args)] };
}

function issuerOfFlags(args: ApiServerArguments): JwtIssuer {
  const { 'oidc-issuer-url': url = '', 'oidc-client-id': clientId = '', 'oidc-ca-file': caFile } = args;
  const { 'oidc-username-claim': username = 'sub', 'oidc-username-prefix': prefix = '' } = args;
  const { 'oidc-groups-claim': groups = '', 'oidc-groups-prefix': groupsPrefix = '' } = args;
  if (url === '' || clientId === '') {
    throw new Error(
      'oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set',
    );
  }
  const usualPrefix = username === 'email' ? '' : `${url}#`;
  return {
    issuer: {
      url,
      discoveryURL: '',
      certificateAuthority: caFile ? readUserFile(caFile) : '',
      audiences: [clientId],
      audienceMatchPolicy: '',
      egressSelectorType: '',
    },
    claimValidationRules: Object.entries(args['oidc-required-claim'] ?? {}).map(([claim, requiredValue]) => ({
      claim,
      requiredValue,
      expression: '',
      message: '',
    })),
    claimMappings: {
      username: { claim: username, expression: '', prefix: prefix === '-' ? '' : prefix || usualPrefix },
      groups: { claim: groups, expression: '', ...(groups === '' ? {} : { prefix: groupsPrefix }) },
      uid: { claim: '', expression: '' },
      extra: [],
    },
    userValidationRules: [],
  };
}

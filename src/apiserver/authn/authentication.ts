/**
 * The authenticators of the API server, in upstream's order: front proxy, client certificate, bearer tokens (static,
 * ServiceAccount, bootstrap, JSON Web Tokens of trusted issuers, webhook), anonymous.
 */

import type { Registry } from 'prom-client';
import type { ApiServerArguments } from '#api/configuration/api-server-arguments.ts';
import { cipherSuites } from '#api/configuration/arguments/cipher-suites.ts';
import { secrets } from '#api/generated/kinds.gen.ts';
import type { Secret } from '#api/generated/types.gen.ts';
import type { AnyObject } from '#api/meta/object.ts';
import type { UserInfo } from '#api/meta/user.ts';
import type { Clock } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import { readKubeconfig } from '#client/transport/kubeconfig.ts';
import { readUserFile } from '#host/files/user-file.ts';
import type { Pki } from '#pki/pki.ts';
import type { Authenticator, TokenAuthenticator } from '../contract/authentication.ts';
import { registerMetrics } from '../contract/register-metrics.ts';
import type { ServerClient } from '../contract/server-client.ts';
import type { ObjectReader } from '../contract/stored-objects.ts';
import type { TlsSettings } from '../contract/tls-settings.ts';
import { WebhookClient } from '../outgoing/webhook-client.ts';
import { anonymousOn } from './anonymous.ts';
import { bearerTokenAuthenticator } from './bearer-token-authenticator.ts';
import { type ClientAuthorities, clientAuthorities } from './client-authorities.ts';
import { type CertificateOptions, clientCertificateAuthenticator } from './client-certificate.ts';
import { type FrontProxyHeaders, frontProxyAuthenticator } from './front-proxy.ts';
import type { AuthenticationConfiguration } from './oidc/configuration.ts';
import { JwtMetrics } from './oidc/jwt-metrics.ts';
import { TrustedIssuers } from './oidc/trusted-issuers.ts';
import { anonymousTwice } from './oidc/validate.ts';
import { configuredTokens } from './service-account-keys.ts';
import type { ServiceAccountTokens } from './service-account-tokens.ts';
import { bootstrapTokens } from './tokens/bootstrap.ts';
import { cachedTokens } from './tokens/cache.ts';
import { readTokenFile } from './tokens/file.ts';
import { legacyTokens } from './tokens/legacy.ts';
import { apiTokens } from './tokens/of-api-server.ts';
import { serviceAccountAuthenticator } from './tokens/service-account.ts';
import { staticTokens } from './tokens/static.ts';
import { type TokenCacheMetrics, TokenMetrics } from './tokens/token-metrics.ts';
import { tokenUnion } from './tokens/union.ts';
import { webhookTokens } from './tokens/webhook.ts';

export interface AuthenticationOptions {
  readonly env: Env;
  readonly pki: Pki;
  readonly reader: ObjectReader;
  readonly serverClient: ServerClient;
  readonly arguments: ApiServerArguments;
  /** Where metrics go. Default: nowhere. */
  readonly registry?: Registry;
  /** Besides the tokens of `token-auth-file`. */
  readonly staticTokens?: ReadonlyMap<string, UserInfo>;
}

export interface Authentication {
  /** Signs and verifies ServiceAccount tokens. */
  readonly tokens: ServiceAccountTokens;
  /** Every kind of bearer token, for requests and reviews. */
  readonly bearerTokens: TokenAuthenticator;
  /** In order. */
  readonly authenticators: readonly Authenticator[];
  /** Undefined if requests without credentials get a 401. */
  readonly anonymous: Authenticator | undefined;
  /** Headers and authority of front proxies, as published for extension API servers. */
  readonly frontProxy: FrontProxyHeaders & { readonly caPem: string };
  /** Authorities of client certificates. */
  readonly clients: { readonly caPem: string };
  /** How connections are secured, but for the certificate of the server; as of now. */
  tls(): TlsSettings;
  /** Calls back when authorities have changed. */
  onAuthorities(changed: () => void): void;
  /** Begins the discovery of trusted issuers. */
  start(): void;
  stop(): Promise<void>;
}

export function authentication(options: AuthenticationOptions): Authentication {
  const { env, pki, arguments: args } = options;
  const { clock } = env;
  const tokens = configuredTokens(env, pki.serviceAccountKey, args);
  const { apiAudiences } = tokens;
  const issuers = new TrustedIssuers({
    env,
    arguments: args,
    disallowedIssuers: tokens.issuers,
    ...(options.registry ? { metrics: new JwtMetrics(options.registry) } : {}),
  });
  const metrics = new TokenMetrics(clock);
  if (options.registry) registerMetrics(options.registry, metrics.metrics);
  const webhook = webhookOf(options, apiAudiences, metrics.cache);
  const bearerTokens = tokenUnion([
    ...kindsOfTokens(options, tokens, metrics),
    ...(issuers.areConfigured ? [distant(apiTokens(issuers, apiAudiences), env, metrics.cache)] : []),
    ...(webhook ? [webhook.kind] : []),
  ]);
  const anonymous = anonymousOf(args, issuers.anonymous);
  const { clients, proxies, onAuthorities } = authoritiesOf(env, args, pki);
  const frontProxy = publishedProxy(args, proxies);
  return {
    tokens,
    bearerTokens,
    anonymous,
    frontProxy,
    clients,
    onAuthorities,
    start: () => issuers.start(),
    async stop() {
      clients.stop();
      proxies.stop();
      await issuers.stop();
      await webhook?.client.close();
    },
    tls() {
      return tlsOf(args, `${clients.caPem.trimEnd()}\n${proxies.caPem}`);
    },
    authenticators: [
      frontProxyAuthenticator(at(clock, proxies), frontProxy),
      clientCertificateAuthenticator(at(clock, clients)),
      bearerTokenAuthenticator(bearerTokens, apiAudiences),
      ...(anonymous ? [anonymous] : []),
    ],
  };
}

/** The cluster's own authority stays among those of clients: its nodes and administrators stay known. */
function authoritiesOf(env: Env, args: ApiServerArguments, { ca, frontProxyCa }: Pki) {
  let changed = () => {};
  const onChange = () => changed();
  const proxyFile = args['requestheader-client-ca-file'];
  return {
    clients: clientAuthorities(env, args['client-ca-file'], ca.certPem, onChange),
    proxies: clientAuthorities(env, proxyFile, proxyFile ? '' : frontProxyCa.certPem, onChange),
    onAuthorities(callback: () => void) {
      changed = callback;
    },
  };
}

function at(clock: Clock, authorities: ClientAuthorities): CertificateOptions {
  return {
    clock,
    get caPem() {
      return authorities.caPem;
    },
  };
}

function tlsOf(args: ApiServerArguments, clientCa: string): TlsSettings {
  const curves = args['tls-curve-preferences'];
  const suites = args['tls-cipher-suites']?.flatMap((name) => cipherSuites[name] ?? []);
  return {
    clientCa,
    ...(args['tls-min-version'] === 'VersionTLS13' ? { minVersion: 'TLSv1.3' } : {}),
    ...(suites ? { ciphers: [...suitesOfTls13, ...suites].join(':') } : {}),
    ...(curves ? { curves: curves.join(':') } : {}),
  };
}

/** Always on: as in Go, the suites of TLS 1.3 cannot be chosen. */
const suitesOfTls13 = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];

/** Upstream's cache of authenticated tokens has the same time. */
const keptMs = 10_000;

function distant(kind: TokenAuthenticator, env: Env, metrics: TokenCacheMetrics): TokenAuthenticator {
  return cachedTokens(kind, { env, knownMs: keptMs, unknownMs: 0, metrics });
}

const webhookKeptMs = 2 * 60_000;

function webhookOf(
  { env, arguments: args }: AuthenticationOptions,
  apiAudiences: readonly string[],
  metrics: TokenCacheMetrics,
) {
  const path = args['authentication-token-webhook-config-file'];
  if (!path) return undefined;
  const client = new WebhookClient({ clock: env.clock, resolve: noService });
  const kind = webhookTokens({
    env,
    client,
    access: readKubeconfig(path, readUserFile),
    version: args['authentication-token-webhook-version'] ?? 'v1beta1',
    apiAudiences,
  });
  const keptMs = args['authentication-token-webhook-cache-ttl'] ?? webhookKeptMs;
  return { client, kind: cachedTokens(kind, { env, knownMs: keptMs, unknownMs: keptMs, metrics }) };
}

function noService(): never {
  throw new Error('the kubeconfig of the token webhook has a URL, not a service');
}

function anonymousOf(
  args: ApiServerArguments,
  inFile: AuthenticationConfiguration['anonymous'],
): Authenticator | undefined {
  if (!inFile) return (args['anonymous-auth'] ?? true) ? anonymousOn() : undefined;
  if (args['anonymous-auth'] !== undefined) throw anonymousTwice();
  if (!inFile.enabled) return undefined;
  const { conditions } = inFile;
  return anonymousOn(conditions.length > 0 ? new Set(conditions.map(({ path }) => path)) : undefined);
}

function kindsOfTokens(
  options: AuthenticationOptions,
  tokens: ServiceAccountTokens,
  metrics: TokenMetrics,
): TokenAuthenticator[] {
  const { env, reader, serverClient, arguments: args } = options;
  const known = new Map([...(options.staticTokens ?? []), ...tokensOfFile(options)]);
  const kinds = [
    ...(known.size > 0 ? [apiTokens(staticTokens(known), tokens.apiAudiences)] : []),
    legacyTokens({
      tokens,
      reader,
      env,
      metrics,
      looksUp: args['service-account-lookup'] ?? true,
      label: labeller(serverClient),
    }),
    serviceAccountAuthenticator({ tokens, reader, clock: env.clock, metrics }),
  ];
  if (args['enable-bootstrap-token-auth']) {
    kinds.push(apiTokens(bootstrapTokens(reader, env.clock), tokens.apiAudiences));
  }
  return kinds;
}

function tokensOfFile({ env, arguments: args }: AuthenticationOptions): ReadonlyMap<string, UserInfo> {
  const path = args['token-auth-file'];
  return path ? readTokenFile(path, readUserFile(path), env.log) : new Map();
}

function labeller(serverClient: ServerClient) {
  return ({ metadata }: Secret, labels: Record<string, string>) =>
    serverClient.guaranteedUpdate(secrets, metadata?.namespace ?? '', metadata?.name ?? '', (secret) =>
      secret.metadata?.uid === metadata?.uid ? withLabels(secret, labels) : secret,
    );
}

function withLabels(object: AnyObject, labels: Record<string, string>): AnyObject {
  return { ...object, metadata: { ...object.metadata, labels: { ...object.metadata?.labels, ...labels } } };
}

function publishedProxy(args: ApiServerArguments, proxies: ClientAuthorities): Authentication['frontProxy'] {
  return {
    get caPem() {
      return proxies.caPem;
    },
    allowedNames: args['requestheader-allowed-names']?.filter((name) => name !== '') ?? [
      'front-proxy-client',
    ],
    username: args['requestheader-username-headers'] ?? ['X-Remote-User'],
    uid: args['requestheader-uid-headers'] ?? ['X-Remote-Uid'],
    group: args['requestheader-group-headers'] ?? ['X-Remote-Group'],
    extraPrefix: args['requestheader-extra-headers-prefix'] ?? ['X-Remote-Extra-'],
  };
}

/**
 * Reads `registries.yaml`: from where a node takes the images of a registry, and its certificates and passwords. The
 * form is the one that k3s made known: https://docs.k3s.io/installation/private-registry.
 */

import { RE2JS } from 're2js';
import { nearest } from '#base/text/nearest.ts';
import { isJsonObject, type JsonObject } from '#wire/json/value.ts';
import { ConfigurationError } from '../error.ts';

export interface Registries {
  /** By registry, as image names have it: `docker.io`, `registry.example.com:5000`; `*` is every other. */
  readonly mirrors: Readonly<Record<string, Mirror>>;
  /** By host and port of an endpoint or registry. */
  readonly hosts: Readonly<Record<string, RegistryHost>>;
}

export interface Mirror {
  /** URLs that are tried in this order before the registry itself. */
  readonly endpoints: readonly URL[];
  /** Of the repository at the endpoints; the first that changes it counts. */
  readonly rewrites: readonly Rewrite[];
}

export interface Rewrite {
  /** An RE2 expression. */
  readonly pattern: RE2JS;
  /** May name groups: `$1`. */
  readonly replacement: string;
}

export interface RegistryHost {
  readonly auth?: RegistryPassword;
  readonly tls?: RegistryTls;
}

export interface RegistryPassword {
  readonly username: string;
  readonly password: string;
  readonly identityToken: string;
}

/** Absolute paths of PEM files. */
export interface RegistryTls {
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  /** Accept any certificate. */
  readonly skipVerify: boolean;
}

const registryName = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:]+\])(?::\d{1,5})?$/;

export const noRegistries: Registries = { mirrors: {}, hosts: {} };

/** `document` as read from YAML. Throws `ConfigurationError` with the path of the field. */
export function readRegistries(document: unknown): Registries {
  const whole = section(document ?? {}, 'the file', ['mirrors', 'configs']);
  const mirrors = entries(whole['mirrors'], 'mirrors', readMirror);
  const hosts = entries(whole['configs'], 'configs', readHost);
  for (const registry of Object.keys(mirrors)) mustBeRegistry(registry, 'mirrors', registry === '*');
  for (const registry of Object.keys(hosts)) mustBeRegistry(registry, 'configs', false);
  return { mirrors, hosts };
}

/** The name becomes that of a folder. */
function mustBeRegistry(name: string, at: string, isEvery: boolean): void {
  if (isEvery || registryName.test(name)) return;
  throw new ConfigurationError(
    `${at} has ${JSON.stringify(name)}, which is no registry`,
    'name a host, with its port if it has one: registry.example.com:5000',
  );
}

/** The repository that an endpoint is asked for. */
export function rewritten({ rewrites }: Mirror, repository: string): string {
  for (const { pattern, replacement } of rewrites) {
    const changed = pattern.matcher(repository).replaceAll(replacement);
    if (changed !== repository) return changed;
  }
  return repository;
}

function readMirror(value: unknown, at: string): Mirror {
  const fields = section(value ?? {}, at, ['endpoint', 'rewrite']);
  const endpoints = fields['endpoint'] ?? [];
  if (!Array.isArray(endpoints)) throw new ConfigurationError(`${at}.endpoint is not a list of URLs`);
  return {
    endpoints: endpoints.map((endpoint, index) => readEndpoint(endpoint, `${at}.endpoint[${index}]`)),
    rewrites: Object.entries(entries(fields['rewrite'], `${at}.rewrite`, text)).map(
      ([pattern, replacement]) => readRewrite(pattern, replacement, `${at}.rewrite`),
    ),
  };
}

function readEndpoint(value: unknown, at: string): URL {
  const given = text(value, at);
  const url = URL.parse(given.includes('://') ? given : `https://${given}`);
  if (url && (url.protocol === 'http:' || url.protocol === 'https:') && url.host) return url;
  throw new ConfigurationError(`${at} is ${JSON.stringify(given)}, which is no http or https URL`);
}

function readRewrite(pattern: string, replacement: string, at: string): Rewrite {
  try {
    return { pattern: RE2JS.compile(pattern), replacement };
  } catch (error) {
    throw new ConfigurationError(`${at}: ${JSON.stringify(pattern)}: ${(error as Error).message}`);
  }
}

function readHost(value: unknown, at: string): RegistryHost {
  const fields = section(value ?? {}, at, ['auth', 'tls']);
  const auth = fields['auth'] === undefined ? undefined : readPassword(fields['auth'], `${at}.auth`);
  const tls = fields['tls'] === undefined ? undefined : readTls(fields['tls'], `${at}.tls`);
  return { ...(auth ? { auth } : {}), ...(tls ? { tls } : {}) };
}

function readPassword(value: unknown, at: string): RegistryPassword {
  const fields = section(value, at, ['username', 'password', 'auth', 'identity_token']);
  const word = (name: string) => (fields[name] === undefined ? '' : text(fields[name], `${at}.${name}`));
  const joined = Buffer.from(word('auth'), 'base64').toString();
  const colon = joined.indexOf(':');
  if (word('auth') && colon < 0) {
    throw new ConfigurationError(
      `${at}.auth is not the base64 of a name and a password with a colon between`,
    );
  }
  return {
    username: word('username') || joined.slice(0, Math.max(colon, 0)),
    password: word('password') || joined.slice(colon + 1),
    identityToken: word('identity_token'),
  };
}

function readTls(value: unknown, at: string): RegistryTls {
  const fields = section(value, at, ['ca_file', 'cert_file', 'key_file', 'insecure_skip_verify']);
  const skipVerify = fields['insecure_skip_verify'] ?? false;
  if (typeof skipVerify !== 'boolean') {
    throw new ConfigurationError(`${at}.insecure_skip_verify is neither true nor false`);
  }
  const file = (name: string) =>
    fields[name] === undefined ? undefined : path(fields[name], `${at}.${name}`);
  const [caFile, certFile, keyFile] = [file('ca_file'), file('cert_file'), file('key_file')];
  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw new ConfigurationError(`${at} has only one of cert_file and key_file`);
  }
  return {
    ...(caFile ? { caFile } : {}),
    ...(certFile && keyFile ? { certFile, keyFile } : {}),
    skipVerify,
  };
}

function entries<T>(
  value: unknown,
  at: string,
  read: (entry: unknown, at: string) => T,
): Readonly<Record<string, T>> {
  if (value === undefined || value === null) return {};
  if (!isJsonObject(value)) throw new ConfigurationError(`${at} is not a mapping`);
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [name, read(entry, `${at}[${JSON.stringify(name)}]`)]),
  );
}

function section(value: unknown, at: string, fields: readonly string[]): JsonObject {
  if (!isJsonObject(value)) throw new ConfigurationError(`${at} is not a mapping`);
  const unknown = Object.keys(value).find((field) => !fields.includes(field));
  if (unknown === undefined) return value;
  const near = nearest(unknown, fields);
  throw new ConfigurationError(
    `${at} has an unknown field ${JSON.stringify(unknown)}`,
    near ? `the nearest known one is ${near}` : `the known ones: ${fields.join(', ')}`,
  );
}

function text(value: unknown, at: string): string {
  if (typeof value === 'string') return value;
  throw new ConfigurationError(`${at} is not a text`);
}

function path(value: unknown, at: string): string {
  const given = text(value, at);
  if (given.startsWith('/')) return given;
  throw new ConfigurationError(`${at} is ${JSON.stringify(given)}, which is no absolute path`);
}

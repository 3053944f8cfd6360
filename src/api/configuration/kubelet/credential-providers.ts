/**
 * Reads a CredentialProviderConfig: the programs that give passwords for registries, and for which images each is
 * asked. Upstream: pkg/credentialprovider/plugin.
 */

import { isJsonObject, type JsonObject } from '#wire/json/value.ts';
import { durationMs } from '../argument.ts';
import { ConfigurationError } from '../error.ts';
import { providersProblem, type WrittenProvider } from './provider-problems.ts';

export interface CredentialProvider {
  /** Of the program in the folder of programs. */
  readonly name: string;
  /** `registry.example.com:5000/team`; a star stands for a part of the host. */
  readonly matchImages: readonly string[];
  /** How long an answer without a `cacheDuration` is kept. */
  readonly cacheMs: number;
  /** Of request and answer. */
  readonly apiVersion: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The program is given a token of the pod's ServiceAccount. */
  readonly token?: ProviderToken;
}

export interface ProviderToken {
  readonly audience: string;
  /** Whose pods an answer is kept for: all of the ServiceAccount, or those with the same token. */
  readonly cacheType: 'ServiceAccount' | 'Token';
  /** A pod without ServiceAccount does not ask the program. */
  readonly isRequired: boolean;
  /** Annotations of the ServiceAccount that the program is given; without a required one it is not asked. */
  readonly requiredAnnotations: readonly string[];
  readonly optionalAnnotations: readonly string[];
}

const versions = ['v1', 'v1alpha1', 'v1beta1'].map((version) => `kubelet.config.k8s.io/${version}`);
const fields = [
  'name',
  'matchImages',
  'defaultCacheDuration',
  'apiVersion',
  'args',
  'env',
  'tokenAttributes',
];
const tokenFields = [
  'serviceAccountTokenAudience',
  'cacheType',
  'requireServiceAccount',
  'requiredServiceAccountAnnotationKeys',
  'optionalServiceAccountAnnotationKeys',
];

/** In milliseconds, of configuration and answers. */
export const cacheDuration = durationMs('How long an answer of a provider counts.');

/** Of all files together. Throws `ConfigurationError`. */
export function readCredentialProviders(documents: readonly unknown[]): readonly CredentialProvider[] {
  const read = documents.flatMap(readDocument);
  const names = read.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    const quoted = JSON.stringify(twice);
    throw new ConfigurationError(`duplicate provider name ${quoted} found in configuration file(s)`);
  }
  const problem = providersProblem(read);
  if (problem !== undefined) throw new ConfigurationError(problem);
  return read.map(providerOf);
}

function readDocument(document: unknown): ReadProvider[] {
  if (!isJsonObject(document)) throw new ConfigurationError('the file is not a mapping');
  const { apiVersion, kind, providers = [] } = document;
  if (kind !== 'CredentialProviderConfig' || !versions.includes(String(apiVersion))) {
    throw new ConfigurationError(`the file is no CredentialProviderConfig of ${versions.join(', ')}`);
  }
  if (!Array.isArray(providers)) throw new ConfigurationError('providers is not a list');
  return providers.map((provider, index) => readProvider(provider, `providers[${index}]`));
}

interface ReadProvider extends WrittenProvider {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

function readProvider(value: unknown, at: string): ReadProvider {
  const provider = section(value, at, fields);
  const { defaultCacheDuration, tokenAttributes } = provider;
  return {
    name: text(provider['name'], `${at}.name`),
    apiVersion: text(provider['apiVersion'], `${at}.apiVersion`),
    matchImages: texts(provider['matchImages'], `${at}.matchImages`),
    defaultCacheDuration: readDuration(defaultCacheDuration, `${at}.defaultCacheDuration`),
    args: texts(provider['args'], `${at}.args`),
    env: readEnv(provider['env'], `${at}.env`),
    tokenAttributes:
      tokenAttributes === undefined ? undefined : readToken(tokenAttributes, `${at}.tokenAttributes`),
  };
}

function readToken(value: unknown, at: string): NonNullable<WrittenProvider['tokenAttributes']> {
  const token = section(value, at, tokenFields);
  const { requireServiceAccount } = token;
  if (requireServiceAccount !== undefined && typeof requireServiceAccount !== 'boolean') {
    throw new ConfigurationError(`${at}.requireServiceAccount is neither true nor false`);
  }
  const keys = (name: string) => texts(token[name], `${at}.${name}`);
  return {
    serviceAccountTokenAudience: text(
      token['serviceAccountTokenAudience'],
      `${at}.serviceAccountTokenAudience`,
    ),
    cacheType: text(token['cacheType'], `${at}.cacheType`),
    requireServiceAccount,
    requiredServiceAccountAnnotationKeys: keys('requiredServiceAccountAnnotationKeys'),
    optionalServiceAccountAnnotationKeys: keys('optionalServiceAccountAnnotationKeys'),
  };
}

/** Of a provider without problems. */
function providerOf({ defaultCacheDuration, tokenAttributes, ...same }: ReadProvider): CredentialProvider {
  const provider = { ...same, cacheMs: defaultCacheDuration ?? 0 };
  if (!tokenAttributes) return provider;
  return {
    ...provider,
    token: {
      audience: tokenAttributes.serviceAccountTokenAudience,
      cacheType: tokenAttributes.cacheType === 'Token' ? 'Token' : 'ServiceAccount',
      isRequired: tokenAttributes.requireServiceAccount === true,
      requiredAnnotations: tokenAttributes.requiredServiceAccountAnnotationKeys,
      optionalAnnotations: tokenAttributes.optionalServiceAccountAnnotationKeys,
    },
  };
}

function readDuration(value: unknown, at: string): number | undefined {
  if (value === undefined) return undefined;
  const negative = typeof value === 'string' && value.startsWith('-') ? value.slice(1) : undefined;
  const ms = cacheDuration.read(negative ?? value);
  if (ms === undefined) throw new ConfigurationError(`${at} is no duration such as 12h`);
  return negative === undefined ? ms : -ms;
}

function readEnv(value: unknown, at: string): Record<string, string> {
  const entries = value ?? [];
  if (!Array.isArray(entries)) throw new ConfigurationError(`${at} is not a list`);
  return Object.fromEntries(
    entries.map((entry: unknown) => {
      const { name, value: text } = isJsonObject(entry) ? entry : {};
      if (typeof name === 'string' && typeof text === 'string') return [name, text];
      throw new ConfigurationError(`${at} has an entry without the texts name and value`);
    }),
  );
}

function section(value: unknown, at: string, known: readonly string[]): JsonObject {
  if (!isJsonObject(value)) throw new ConfigurationError(`${at} is not a mapping`);
  const unknown = Object.keys(value).find((field) => !known.includes(field));
  if (unknown === undefined) return value;
  throw new ConfigurationError(
    `${at} has an unknown field ${JSON.stringify(unknown)}`,
    `the known ones: ${known.join(', ')}`,
  );
}

function text(value: unknown, at: string): string {
  if (value === undefined || typeof value === 'string') return value ?? '';
  throw new ConfigurationError(`${at} is not a text`);
}

function texts(value: unknown, at: string): readonly string[] {
  const list = value ?? [];
  if (Array.isArray(list) && list.every((item) => typeof item === 'string')) return list;
  throw new ConfigurationError(`${at} is not a list of texts`);
}

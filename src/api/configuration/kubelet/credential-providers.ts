/**
 * Reads a CredentialProviderConfig: the programs that give passwords for registries, and for which images each is
 * asked. Upstream: pkg/credentialprovider/plugin.
 */

import { isJsonObject, type JsonObject } from '#wire/json/value.ts';
import { durationMs } from '../argument.ts';
import { ConfigurationError } from '../error.ts';

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
}

const versions = ['v1', 'v1alpha1', 'v1beta1'].map((version) => `kubelet.config.k8s.io/${version}`);
const interfaceVersions = ['v1', 'v1alpha1', 'v1beta1'].map(
  (version) => `credentialprovider.kubelet.k8s.io/${version}`,
);
const fields = ['name', 'matchImages', 'defaultCacheDuration', 'apiVersion', 'args', 'env'];

/** In milliseconds, of configuration and answers. */
export const cacheDuration = durationMs('How long an answer of a provider counts.');

/** Throws `ConfigurationError`. */
export function readCredentialProviders(document: unknown): readonly CredentialProvider[] {
  if (!isJsonObject(document)) throw new ConfigurationError('the file is not a mapping');
  const { apiVersion, kind, providers } = document;
  if (kind !== 'CredentialProviderConfig' || !versions.includes(String(apiVersion))) {
    throw new ConfigurationError(`the file is no CredentialProviderConfig of ${versions.join(', ')}`);
  }
  if (!Array.isArray(providers) || providers.length === 0) {
    throw new ConfigurationError('providers: at least one is required');
  }
  const read = providers.map((provider, index) => readProvider(provider, `providers[${index}]`));
  const names = read.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new ConfigurationError(`providers: ${JSON.stringify(twice)} is there twice`);
  return read;
}

function readProvider(provider: unknown, at: string): CredentialProvider {
  if (!isJsonObject(provider)) throw new ConfigurationError(`${at} is not a mapping`);
  mustBeKnown(provider, at);
  const { name, apiVersion, defaultCacheDuration } = provider;
  if (typeof name !== 'string' || !/^[^/ ]+$/.test(name) || name === '.' || name === '..') {
    throw new ConfigurationError(`${at}.name is no name of a program`);
  }
  if (typeof apiVersion !== 'string' || !interfaceVersions.includes(apiVersion)) {
    throw new ConfigurationError(`${at}.apiVersion is none of ${interfaceVersions.join(', ')}`);
  }
  const cacheMs = cacheDuration.read(defaultCacheDuration);
  if (cacheMs === undefined) {
    throw new ConfigurationError(`${at}.defaultCacheDuration is no duration such as 12h`);
  }
  const matchImages = texts(provider['matchImages'], `${at}.matchImages`);
  if (matchImages.length === 0) throw new ConfigurationError(`${at}.matchImages: at least one is required`);
  const args = texts(provider['args'], `${at}.args`);
  return { name, apiVersion, cacheMs, matchImages, args, env: readEnv(provider['env'], `${at}.env`) };
}

function mustBeKnown(provider: JsonObject, at: string): void {
  const unknown = Object.keys(provider).find((field) => !fields.includes(field));
  if (unknown === undefined) return;
  if (unknown === 'tokenAttributes') {
    throw new ConfigurationError(
      `${at}.tokenAttributes: kybern gives providers no tokens of service accounts`,
    );
  }
  throw new ConfigurationError(
    `${at} has an unknown field ${JSON.stringify(unknown)}`,
    `the known ones: ${fields.join(', ')}`,
  );
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

function texts(value: unknown, at: string): readonly string[] {
  const list = value ?? [];
  if (Array.isArray(list) && list.every((item) => typeof item === 'string')) return list;
  throw new ConfigurationError(`${at} is not a list of texts`);
}

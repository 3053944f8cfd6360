/**
 * Reads an EncryptionConfiguration file (`apiserver.config.k8s.io/v1`): which resources are encrypted by which
 * providers. Unknown fields and invalid values are errors, with upstream's messages.
 */

import { readStrictConfigFile } from '#api/configuration/config-file.ts';
import { aggregateText } from '#api/go/aggregate.ts';
import { parseGoDuration } from '#api/go/duration.ts';
import { fieldErrorMessage } from '#api/validation/field-error.ts';
import type { KmsProvider, Provider, ResourceProviders } from './resource-providers.ts';
import { validateProviders } from './validate-providers.ts';

const keys = { keys: '[]#Key' };
const types = {
  EncryptionConfiguration: { resources: '[]#ResourceConfiguration' },
  ResourceConfiguration: { resources: '[]string', providers: '[]#ProviderConfiguration' },
  ProviderConfiguration: {
    aesgcm: '#AESConfiguration',
    aescbc: '#AESConfiguration',
    secretbox: '#SecretboxConfiguration',
    identity: '#IdentityConfiguration',
    kms: '#KMSConfiguration',
  },
  AESConfiguration: keys,
  SecretboxConfiguration: keys,
  IdentityConfiguration: {},
  Key: { name: 'string', secret: 'string' },
  KMSConfiguration: {
    apiVersion: 'string',
    name: 'string',
    cachesize: 'int32',
    endpoint: 'string',
    timeout: 'string',
  },
};

const format = {
  group: 'apiserver.config.k8s.io',
  versions: ['v1'],
  kind: 'EncryptionConfiguration',
  types,
};

const kmsTimeoutMs = 3000;

/** Throws an Error with all problems of the file. */
export function readEncryptionConfiguration(text: string): readonly ResourceProviders[] {
  const { value } = readStrictConfigFile(text, format);
  const { resources = [] } = value as { resources?: Partial<ResourceProviders>[] };
  const configuration = resources.map(({ resources = [], providers = [] }) => ({
    resources,
    providers: providers.map(withTimeout),
  }));
  const errors = validateProviders(configuration).map(fieldErrorMessage);
  if (errors.length > 0) throw new Error(aggregateText(errors));
  return configuration;
}

function withTimeout(provider: Provider): Provider {
  const kms = provider.kms as (Partial<KmsProvider> & { readonly timeout?: string }) | undefined;
  if (!kms) return provider;
  const { apiVersion = 'v1', name = '', endpoint = '', timeout } = kms;
  const timeoutMs = timeout === undefined ? kmsTimeoutMs : Number(parseGoDuration(timeout)) / 1e6;
  return { kms: { ...kms, apiVersion, name, endpoint, timeoutMs } };
}

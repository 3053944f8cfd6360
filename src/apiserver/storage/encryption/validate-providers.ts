/** Validates the content of an EncryptionConfiguration: its resources, keys and key services. */

import { type FieldError, invalidValue, required } from '#api/validation/field-error.ts';
import {
  type EncryptionKey,
  groupResourceOf,
  type KmsProvider,
  type Provider,
  type ResourceProviders,
} from './resource-providers.ts';

/** Of all groups of resources, with upstream's messages. */
export function validateProviders(configuration: readonly ResourceProviders[]): FieldError[] {
  if (configuration.length === 0) return [required('resources', 'at least one resources is required')];
  const kmsNames = new Set<string>();
  return configuration.flatMap(({ resources, providers }, index) => {
    const [r, p] = [`resources[${index}].resources`, `resources[${index}].providers`];
    return [
      ...(resources.length === 0 ? [required(r, `at least one ${r} is required`)] : []),
      ...checkOverlap(r, resources),
      ...resources.flatMap((resource, at) => checkResource(`${r}[${at}]`, resource)),
      ...(providers.length === 0 ? [required(p, `at least one ${p} is required`)] : []),
      ...providers.flatMap((provider, at) => checkProvider(`${p}[${at}]`, provider, kmsNames)),
    ];
  });
}

function checkOverlap(field: string, resources: readonly string[]): FieldError[] {
  const parsed = resources.map(groupResourceOf);
  const pairs = parsed.flatMap((a, i) => parsed.flatMap((b, j) => (i === j ? [] : [{ a, b }])));
  const isSame = ({ a, b }: (typeof pairs)[number]) => a.group === b.group && a.resource === b.resource;
  const overlaps = ({ a, b }: (typeof pairs)[number]) =>
    (a.group === '*' && a.resource === '*') ||
    (a.group === b.group && (a.resource === '*' || b.resource === '*'));
  const errors: FieldError[] = [];
  if (pairs.some(isSame)) {
    errors.push(invalidValue(field, resources, 'the same resource cannot be specified multiple times'));
  }
  if (pairs.some((pair) => !isSame(pair) && overlaps(pair))) {
    const why =
      "using overlapping resources such as 'secrets' and '*.' in the same resource list is not allowed as they will be masked";
    errors.push(invalidValue(field, resources, why));
  }
  return errors;
}

const withoutApi = ['apiserveripinfo', 'serviceipallocations', 'servicenodeportallocations'];

function checkResource(field: string, resource: string): FieldError[] {
  const why = resourceProblem(resource);
  return why ? [invalidValue(field, resource, why)] : [];
}

function resourceProblem(text: string): string | undefined {
  if (text !== text.toLowerCase()) return 'resource name should not contain capital letters';
  if (text === '*') {
    return "use '*.' to encrypt all the resources from core API group or *.* to encrypt all resources";
  }
  if (withoutApi.includes(text)) return 'resources which do not have REST API/s cannot be encrypted';
  const { group, resource } = groupResourceOf(text);
  if (group === 'events.k8s.io') {
    return "'*.events.k8s.io' objects are stored using the 'events' API group in etcd. Use 'events' instead in the config file";
  }
  if (group === 'extensions') return "'extensions' group has been removed and cannot be used for encryption";
  if (group === '*' && resource !== '*') return 'encrypting the same resource across groups is not supported';
  return undefined;
}

const aesKeyBytes = [16, 24, 32];
const boxKeyBytes = [32];

function checkProvider(field: string, provider: Provider, kmsNames: Set<string>): FieldError[] {
  const { aesgcm, aescbc, secretbox, identity, kms } = provider;
  const found = [kms, aesgcm, aescbc, secretbox, identity].filter((given) => given !== undefined).length;
  if (found === 0) {
    const why =
      'provider does not contain any of the expected providers: KMS, AESGCM, AESCBC, Secretbox, Identity';
    return [invalidValue(field, provider, why)];
  }
  if (found > 1) {
    const why =
      'more than one provider specified in a single element, should split into different list elements';
    return [invalidValue(field, 'REDACTED', why)];
  }
  if (kms) return checkKms(`${field}.kms`, kms, kmsNames);
  if (aesgcm) return checkKeys(`${field}.aesgcm.keys`, aesgcm.keys ?? [], aesKeyBytes);
  if (aescbc) return checkKeys(`${field}.aescbc.keys`, aescbc.keys ?? [], aesKeyBytes);
  return secretbox ? checkKeys(`${field}.secretbox.keys`, secretbox.keys ?? [], boxKeyBytes) : [];
}

function checkKeys(
  field: string,
  given: readonly Partial<EncryptionKey>[],
  expected: readonly number[],
): FieldError[] {
  if (given.length === 0) return [required(field, 'at least one keys is required')];
  return given.flatMap(({ name, secret }, index) => {
    const at = `${field}[${index}]`;
    const errors = name ? [] : [required(`${at}.name`, 'name is a mandatory field for a key')];
    if (!secret) return [...errors, required(`${at}.secret`, 'secret is a mandatory field for a key')];
    const why = secretProblem(secret, expected);
    return why ? [...errors, invalidValue(`${at}.secret`, 'REDACTED', why)] : errors;
  });
}

function secretProblem(secret: string, expected: readonly number[]): string | undefined {
  const bytes = Buffer.from(secret, 'base64');
  if (bytes.toString('base64') !== secret.replace(/[\r\n]/g, '')) return 'secrets must be base64 encoded';
  if (expected.includes(bytes.length)) return undefined;
  return `secret is not of the expected length, got ${bytes.length}, expected one of [${expected.join(' ')}]`;
}

function checkKms(field: string, kms: KmsProvider, names: Set<string>): FieldError[] {
  const { apiVersion, name, endpoint, timeoutMs } = kms;
  const errors: FieldError[] = [];
  if (!name) errors.push(required(`${field}.name`, 'name is a mandatory field for a provider'));
  if (apiVersion !== 'v1' && name.includes(':')) {
    errors.push(
      invalidValue(`${field}.name`, name, `invalid KMS provider name ${name}, must not contain ':'`),
    );
  }
  if (names.has(name)) {
    const why = `duplicate KMS provider name ${name}, names must be unique`;
    errors.push(invalidValue(`${field}.name`, name, why));
  }
  names.add(name);
  if (timeoutMs <= 0) {
    errors.push(invalidValue(`${field}.timeout`, `${timeoutMs}ms`, 'timeout should be a positive value'));
  }
  errors.push(...checkEndpoint(`${field}.endpoint`, endpoint));
  if ('cachesize' in kms && apiVersion !== 'v1') {
    errors.push(invalidValue(`${field}.cachesize`, kms.cachesize, 'cachesize is not supported in v2'));
  }
  if (apiVersion !== 'v1' && apiVersion !== 'v2') {
    const why = 'unsupported apiVersion apiVersion for KMS provider, only v1 and v2 are supported';
    errors.push(invalidValue(`${field}.apiVersion`, apiVersion, why));
  }
  return errors;
}

function checkEndpoint(field: string, endpoint: string): FieldError[] {
  if (!endpoint) return [invalidValue(field, '', 'endpoint is a mandatory field for a kms')];
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(endpoint)?.[1] ?? '';
  if (scheme === 'unix') return [];
  const why = `unsupported scheme ${JSON.stringify(scheme)} for KMS provider, only unix is supported`;
  return [invalidValue(field, endpoint, why)];
}

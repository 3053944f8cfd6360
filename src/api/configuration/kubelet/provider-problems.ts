/** What upstream refuses of a CredentialProviderConfig, in its words: pkg/credentialprovider/plugin/config.go. */

import { aggregateText } from '../../go/aggregate.ts';
import { goDurationText } from '../../go/duration.ts';
import {
  duplicate,
  type FieldError,
  fieldErrorMessage,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
} from '../../validation/field-error.ts';
import { qualifiedName } from '../../validation/validators.ts';
import { urlParseProblem } from '../../validation/webhook-client.ts';

/** A provider whose fields have the right types. */
export interface WrittenProvider {
  readonly name: string;
  readonly apiVersion: string;
  readonly matchImages: readonly string[];
  /** In milliseconds. */
  readonly defaultCacheDuration: number | undefined;
  readonly tokenAttributes: WrittenTokenAttributes | undefined;
}

export interface WrittenTokenAttributes {
  readonly serviceAccountTokenAudience: string;
  readonly cacheType: string;
  readonly requireServiceAccount: boolean | undefined;
  readonly requiredServiceAccountAnnotationKeys: readonly string[];
  readonly optionalServiceAccountAnnotationKeys: readonly string[];
}

const at = 'providers';
export const tokenInterfaceVersion = 'credentialprovider.kubelet.k8s.io/v1';
const interfaceVersions = [
  tokenInterfaceVersion,
  `${tokenInterfaceVersion}alpha1`,
  `${tokenInterfaceVersion}beta1`,
];
const cacheTypes = ['ServiceAccount', 'Token'];

/** Undefined when all can be used. */
export function providersProblem(providers: readonly WrittenProvider[]): string | undefined {
  const errors =
    providers.length === 0
      ? [required(at, 'at least 1 item in plugins is required')]
      : providers.flatMap((provider) => [
          ...nameErrors(provider),
          ...interfaceErrors(provider),
          ...tokenErrors(provider),
        ]);
  if (errors.length === 0) return undefined;
  return `failed to validate credential provider config: ${aggregateText(errors.map(fieldErrorMessage))}`;
}

function nameErrors({ name }: WrittenProvider): FieldError[] {
  const field = `${at}.name`;
  const errors: FieldError[] = [];
  if (name.includes('/')) errors.push(invalidValue(field, name, "provider name cannot contain '/'"));
  if (name.includes(' ')) errors.push(invalidValue(field, name, 'provider name cannot contain spaces'));
  if (name === '.') errors.push(invalidValue(field, name, "provider name cannot be '.'"));
  if (name === '..') errors.push(invalidValue(field, name, "provider name cannot be '..'"));
  return errors;
}

function interfaceErrors({ apiVersion, matchImages, defaultCacheDuration }: WrittenProvider): FieldError[] {
  const errors: FieldError[] = [];
  if (apiVersion === '') errors.push(required(`${at}.apiVersion`));
  else if (!interfaceVersions.includes(apiVersion)) {
    errors.push(notSupported(`${at}.apiVersion`, apiVersion, interfaceVersions));
  }
  if (matchImages.length === 0) {
    errors.push(required(`${at}.matchImages`, 'at least 1 item in matchImages is required'));
  }
  for (const place of matchImages) {
    const url = `https://${place}`;
    const problem = urlParseProblem(url);
    if (problem === undefined) continue;
    const why = `match image is invalid: parse ${JSON.stringify(url)}: ${problem}`;
    errors.push(invalidValue(`${at}.matchImages`, place, why));
  }
  const field = `${at}.defaultCacheDuration`;
  if (defaultCacheDuration === undefined) errors.push(required(field));
  else if (defaultCacheDuration < 0) {
    const text = `-${goDurationText(-defaultCacheDuration)}`;
    errors.push(invalidValue(field, text, 'must be greater than or equal to 0'));
  }
  return errors;
}

function tokenErrors({ apiVersion, tokenAttributes: token }: WrittenProvider): FieldError[] {
  if (!token) return [];
  const field = `${at}.tokenAttributes`;
  const errors: FieldError[] = [];
  if (token.serviceAccountTokenAudience === '') errors.push(required(`${field}.serviceAccountTokenAudience`));
  if (token.requireServiceAccount === undefined) errors.push(required(`${field}.requireServiceAccount`));
  if (apiVersion !== tokenInterfaceVersion) {
    const why = `tokenAttributes is only supported for ${tokenInterfaceVersion} API version`;
    errors.push(forbiddenField(field, why));
  }
  return [...errors, ...annotationErrors(token, field), ...cacheTypeErrors(token, field)];
}

function annotationErrors(token: WrittenTokenAttributes, field: string): FieldError[] {
  const { requiredServiceAccountAnnotationKeys: needed, optionalServiceAccountAnnotationKeys: optional } =
    token;
  const neededField = `${field}.requiredServiceAccountAnnotationKeys`;
  const errors: FieldError[] = [];
  if (token.requireServiceAccount === false && needed.length > 0) {
    const why = 'requireServiceAccount cannot be false when requiredServiceAccountAnnotationKeys is set';
    errors.push(forbiddenField(neededField, why));
  }
  errors.push(...keyErrors(needed, neededField));
  errors.push(...keyErrors(optional, `${field}.optionalServiceAccountAnnotationKeys`));
  const both = [...new Set(needed.filter((key) => optional.includes(key)))].sort();
  if (both.length > 0) {
    errors.push(invalidValue(field, both, 'annotation keys cannot be both required and optional'));
  }
  return errors;
}

function keyErrors(keys: readonly string[], field: string): FieldError[] {
  return keys.flatMap((key, index) => [
    ...qualifiedName(key.toLowerCase()).map((why) => invalidValue(field, key, why)),
    ...(keys.indexOf(key) < index ? [duplicate(field, key)] : []),
  ]);
}

function cacheTypeErrors({ cacheType }: WrittenTokenAttributes, tokenField: string): FieldError[] {
  const field = `${tokenField}.cacheType`;
  if (cacheTypes.includes(cacheType)) return [];
  if (cacheType !== '') return [notSupported(field, cacheType, cacheTypes)];
  const supported = cacheTypes.join(', ');
  return [
    required(
      field,
      `cacheType is required to be set when tokenAttributes is specified. Supported values are: ${supported}`,
    ),
  ];
}

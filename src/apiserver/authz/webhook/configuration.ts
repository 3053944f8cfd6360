/**
 * An AuthorizationConfiguration file (`apiserver.config.k8s.io`): the authorizers in their order. Read
 * strictly, and judged with upstream's texts; the conditions of webhooks are compiled.
 */

import { compile, isProgram } from '#api/cel/compile.ts';
import type { CelProgram } from '#api/cel/contract.ts';
import { authorizationEnvironment } from '#api/cel/environments/authorization.ts';
import { readStrictConfigFile } from '#api/configuration/config-file.ts';
import { aggregateText } from '#api/go/aggregate.ts';
import { parseGoDuration } from '#api/go/duration.ts';
import {
  duplicate,
  type FieldError,
  fieldErrorMessage,
  invalidValue,
  notSupported,
  required,
  tooMany,
} from '#api/validation/field-error.ts';
import { dns1123Subdomain } from '#api/validation/validators.ts';

export interface WebhookSettings {
  readonly name: string;
  readonly kubeConfigFile: string;
  readonly timeoutMs: number;
  /** 0: not kept. */
  readonly authorizedMs: number;
  readonly unauthorizedMs: number;
  readonly failureDecision: 'deny' | 'noOpinion';
  readonly version: string;
  readonly conditions: readonly CelProgram[];
}

export type AuthorizerEntry =
  | { readonly type: 'Node' | 'RBAC' | 'AlwaysAllow' | 'AlwaysDeny'; readonly name: string }
  | { readonly type: 'ABAC'; readonly name: string; readonly policyFile: string }
  | { readonly type: 'Webhook'; readonly name: string; readonly webhook: WebhookSettings };

const webhookTypes = {
  WebhookConfiguration: {
    authorizedTTL: 'string',
    cacheAuthorizedRequests: 'boolean',
    unauthorizedTTL: 'string',
    cacheUnauthorizedRequests: 'boolean',
    timeout: 'string',
    subjectAccessReviewVersion: 'string',
    matchConditionSubjectAccessReviewVersion: 'string',
    failurePolicy: 'string',
    connectionInfo: '#WebhookConnectionInfo',
    matchConditions: '[]#WebhookMatchCondition',
  },
  WebhookConnectionInfo: { type: 'string', kubeConfigFile: 'string' },
  WebhookMatchCondition: { expression: 'string' },
};
const types = {
  AuthorizationConfiguration: { authorizers: '[]#AuthorizerConfiguration' },
  AuthorizerConfiguration: { type: 'string', name: 'string', webhook: '#WebhookConfiguration' },
  ...webhookTypes,
};
const format = {
  group: 'apiserver.config.k8s.io',
  versions: ['v1', 'v1beta1', 'v1alpha1'],
  kind: 'AuthorizationConfiguration',
  types,
};

interface WebhookFields {
  readonly authorizedTTL?: string;
  readonly cacheAuthorizedRequests?: boolean;
  readonly unauthorizedTTL?: string;
  readonly cacheUnauthorizedRequests?: boolean;
  readonly timeout?: string;
  readonly subjectAccessReviewVersion?: string;
  readonly matchConditionSubjectAccessReviewVersion?: string;
  readonly failurePolicy?: string;
  readonly connectionInfo?: { readonly type?: string; readonly kubeConfigFile?: string };
  readonly matchConditions?: readonly { readonly expression?: string }[];
}

interface EntryFields {
  readonly type?: string;
  readonly name?: string;
  readonly webhook?: WebhookFields;
}

const knownTypes = ['ABAC', 'AlwaysAllow', 'AlwaysDeny', 'Node', 'RBAC', 'Webhook'];
const conditionsMax = 64;
const authorizedMs = 5 * 60_000;
const unauthorizedMs = 30_000;
const timeoutMsMax = 30_000;

/** Throws an Error with all that is wrong. */
export function readAuthorizationConfiguration(text: string): readonly AuthorizerEntry[] {
  const { authorizers = [] } = readStrictConfigFile(text, format).value as { authorizers?: EntryFields[] };
  const errors: FieldError[] = [];
  if (authorizers.length === 0) {
    errors.push(required('authorizers', 'at least one authorization mode must be defined'));
  }
  const entries = authorizers.flatMap((entry, index) => {
    const earlier = authorizers.slice(0, index);
    return readEntry(`authorizers[${index}]`, entry, earlier, errors) ?? [];
  });
  const texts = errors.map(fieldErrorMessage);
  if (texts.length > 0) throw new Error(aggregateText(texts));
  return entries;
}

function readEntry(
  field: string,
  { type = '', name = '', webhook }: EntryFields,
  earlier: readonly EntryFields[],
  errors: FieldError[],
): AuthorizerEntry | undefined {
  const problem = typeProblem(`${field}.type`, type, earlier);
  if (problem) {
    errors.push(problem);
    return undefined;
  }
  errors.push(...checkName(`${field}.name`, name, earlier));
  if (type !== 'Webhook') {
    if (webhook) {
      errors.push(invalidValue(`${field}.webhook`, 'non-null', 'may only be specified when type=Webhook'));
    }
    return { type, name } as AuthorizerEntry;
  }
  if (!webhook) {
    errors.push(required(`${field}.webhook`, 'required when type=Webhook'));
    return undefined;
  }
  return { type, name, webhook: readWebhook(field, name, webhook, errors) };
}

function typeProblem(field: string, type: string, earlier: readonly EntryFields[]): FieldError | undefined {
  if (type === '') return required(field);
  if (!knownTypes.includes(type)) return notSupported(field, type, knownTypes);
  if (type === 'ABAC') return invalidValue(field, type, 'kybern does not have this authorizer');
  const isRepeated = type !== 'Webhook' && earlier.some((other) => other.type === type);
  return isRepeated ? duplicate(field, type) : undefined;
}

function checkName(field: string, name: string, earlier: readonly EntryFields[]): FieldError[] {
  if (name === '') return [required(field)];
  if (earlier.some((other) => other.name === name)) return [duplicate(field, name)];
  const problems = dns1123Subdomain(name);
  if (problems.length === 0) return [];
  return [invalidValue(field, name, `authorizer name is invalid: ${problems.join(', ')}`)];
}

function readWebhook(
  field: string,
  name: string,
  webhook: WebhookFields,
  errors: FieldError[],
): WebhookSettings {
  const { connectionInfo = {}, failurePolicy = '', subjectAccessReviewVersion = '' } = webhook;
  const timeoutMs = msOf(webhook.timeout, 0);
  const ttls = {
    authorizedTTL: msOf(webhook.authorizedTTL, authorizedMs),
    unauthorizedTTL: msOf(webhook.unauthorizedTTL, unauthorizedMs),
  };
  if (timeoutMs === 0) errors.push(required(`${field}.timeout`));
  else if (!(timeoutMs > 0 && timeoutMs <= timeoutMsMax)) {
    errors.push(invalidValue(`${field}.timeout`, webhook.timeout, 'must be > 0s and <= 30s'));
  }
  for (const [key, ms] of Object.entries(ttls)) {
    if (!(ms > 0)) {
      errors.push(invalidValue(`${field}.${key}`, webhook[key as keyof typeof ttls], 'must be > 0s'));
    }
  }
  const oneOf = (key: string, value: string, values: readonly string[]) => {
    if (value === '') errors.push(required(`${field}.${key}`));
    else if (!values.includes(value)) errors.push(notSupported(`${field}.${key}`, value, values));
  };
  oneOf('subjectAccessReviewVersion', subjectAccessReviewVersion, ['v1', 'v1beta1']);
  oneOf('failurePolicy', failurePolicy, ['NoOpinion', 'Deny']);
  errors.push(...checkConditionVersion(field, webhook));
  errors.push(...checkConnection(`${field}.connectionInfo`, connectionInfo));
  return {
    name,
    kubeConfigFile: connectionInfo.kubeConfigFile ?? '',
    timeoutMs,
    authorizedMs: webhook.cacheAuthorizedRequests === false ? 0 : ttls.authorizedTTL,
    unauthorizedMs: webhook.cacheUnauthorizedRequests === false ? 0 : ttls.unauthorizedTTL,
    failureDecision: failurePolicy === 'Deny' ? 'deny' : 'noOpinion',
    version: subjectAccessReviewVersion,
    conditions: compileConditions(`${field}.matchConditions`, webhook.matchConditions ?? [], errors),
  };
}

function msOf(text: string | undefined, missing: number): number {
  if (text === undefined) return missing;
  return Number(parseGoDuration(text)) / 1e6 || missing;
}

function checkConditionVersion(field: string, webhook: WebhookFields): FieldError[] {
  const { matchConditionSubjectAccessReviewVersion: version = '', matchConditions = [] } = webhook;
  const at = `${field}.matchConditionSubjectAccessReviewVersion`;
  if (version === 'v1') return [];
  if (version !== '') return [notSupported(at, version, ['v1'])];
  return matchConditions.length > 0 ? [required(at, 'required if match conditions are specified')] : [];
}

function checkConnection(
  field: string,
  { type = '', kubeConfigFile = '' }: NonNullable<WebhookFields['connectionInfo']>,
): FieldError[] {
  if (type === '') return [required(`${field}.type`)];
  if (type !== 'KubeConfigFile') {
    return [notSupported(`${field}.type`, type, ['InClusterConfig', 'KubeConfigFile'])];
  }
  if (kubeConfigFile === '') return [required(`${field}.kubeConfigFile`)];
  if (kubeConfigFile.startsWith('/')) return [];
  return [invalidValue(`${field}.kubeConfigFile`, kubeConfigFile, 'must be an absolute path')];
}

function compileConditions(
  field: string,
  conditions: readonly { readonly expression?: string }[],
  errors: FieldError[],
): CelProgram[] {
  if (conditions.length > conditionsMax) {
    errors.push(tooMany(field, conditions.length, conditionsMax));
    return [];
  }
  return conditions.flatMap(({ expression = '' }, index) => {
    const at = `${field}[${index}].expression`;
    const isRepeated = conditions.slice(0, index).some((other) => other.expression === expression);
    if (expression.trim() === '') errors.push(required(at));
    else if (isRepeated) errors.push(duplicate(at, expression));
    else {
      const program = compile(expression, authorizationEnvironment());
      if (isProgram(program) && program.outputType.kind === 'bool') return [program];
      const why = isProgram(program) ? 'must evaluate to bool' : `compilation failed: ${program.text}`;
      errors.push(invalidValue(at, expression, why));
    }
    return [];
  });
}

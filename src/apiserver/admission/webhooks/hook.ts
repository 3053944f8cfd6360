/** A webhook of a configuration, compiled once for all requests. */

import { compile, isProgram } from '#api/cel/compile.ts';
import type { CelProgram } from '#api/cel/contract.ts';
import { admissionEnvironment } from '#api/cel/environments/admission.ts';
import type {
  LabelSelector,
  MatchCondition,
  MutatingWebhook,
  ValidatingWebhook,
} from '#api/generated/types.gen.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { type Selector, selectorFromLabelSelector } from '#api/selectors/selector.ts';
import type { AdmissionRule } from '../../contract/admission.ts';
import type { WebhookTarget } from '../../outgoing/webhook-client.ts';

export type ReviewVersion = 'v1' | 'v1beta1';

export interface Hook {
  /** The name of its configuration. */
  readonly configuration: string;
  readonly name: string;
  /** Unique, even if a configuration has two webhooks of one name. */
  readonly id: string;
  readonly rules: readonly AdmissionRule[];
  readonly matchesEquivalents: boolean;
  readonly namespaceSelector: Selector;
  readonly objectSelector: Selector;
  /** The request continues if the webhook cannot be called. */
  readonly failsOpen: boolean;
  readonly allowsDryRun: boolean;
  readonly timeoutMs: number;
  /** Undefined if the webhook supports no version that the server knows. */
  readonly reviewVersion: ReviewVersion | undefined;
  readonly isReinvoked: boolean;
  readonly conditions: readonly HookCondition[];
  readonly target: WebhookTarget;
}

/** A match condition with its program, or with the error of its compilation. */
export interface HookCondition {
  readonly name: string;
  readonly expression: string;
  readonly program: CelProgram | string;
}

export interface WebhookConfiguration extends KubeObject {
  readonly webhooks?: readonly (MutatingWebhook | ValidatingWebhook)[];
}

const defaultTimeoutSeconds = 10;
const defaultPort = 443;

export function hooksOf({ metadata, webhooks = [] }: WebhookConfiguration): Hook[] {
  const configuration = metadata?.name ?? '';
  const counts = new Map<string, number>();
  return webhooks.map((webhook) => {
    const count = counts.get(webhook.name) ?? 0;
    counts.set(webhook.name, count + 1);
    return hookOf(webhook, configuration, `${configuration}/${webhook.name}/${count}`);
  });
}

function hookOf(webhook: MutatingWebhook | ValidatingWebhook, configuration: string, id: string): Hook {
  const { name, rules = [], matchPolicy, failurePolicy, sideEffects, timeoutSeconds } = webhook;
  return {
    configuration,
    name,
    id,
    rules: rules as readonly AdmissionRule[],
    matchesEquivalents: matchPolicy !== 'Exact',
    namespaceSelector: selectorOf(webhook.namespaceSelector),
    objectSelector: selectorOf(webhook.objectSelector),
    failsOpen: failurePolicy === 'Ignore',
    allowsDryRun: sideEffects === 'None' || sideEffects === 'NoneOnDryRun',
    timeoutMs: (timeoutSeconds ?? defaultTimeoutSeconds) * 1000,
    reviewVersion: webhook.admissionReviewVersions.find(
      (version): version is ReviewVersion => version === 'v1' || version === 'v1beta1',
    ),
    isReinvoked: 'reinvocationPolicy' in webhook && webhook.reinvocationPolicy === 'IfNeeded',
    conditions: (webhook.matchConditions ?? []).map(conditionOf),
    target: targetOf(webhook.clientConfig),
  };
}

function conditionOf({ name, expression }: MatchCondition): HookCondition {
  const compilation = compile(expression.trim(), admissionEnvironment({ hasAuthorizer: true }));
  const program = isProgram(compilation) ? compilation : compilation.text;
  return { name, expression, program };
}

function selectorOf(selector: LabelSelector | undefined): Selector {
  return selectorFromLabelSelector(selector ?? {});
}

function targetOf({ url, service, caBundle }: MutatingWebhook['clientConfig']): WebhookTarget {
  return {
    url,
    service: service && {
      namespace: service.namespace,
      name: service.name,
      port: service.port ?? defaultPort,
      path: service.path,
    },
    caPem: caBundle && Buffer.from(caBundle, 'base64').toString(),
  };
}

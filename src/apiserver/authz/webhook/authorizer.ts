/**
 * Authorizes by a webhook that is sent a SubjectAccessReview. Its answers are kept for a while; requests that
 * do not meet its conditions are not sent; where it fails, the failure policy decides.
 */

import { costLimits } from '#api/cel/contract.ts';
import type { SubjectAccessReviewSpec, SubjectAccessReviewStatus } from '#api/generated/types.gen.ts';
import { loadSchema } from '#api/schema/load-schema.ts';
import type { Requirement } from '#api/selectors/requirement.ts';
import { RecentMap } from '#base/collections/recent-map.ts';
import type { Env } from '#base/env.ts';
import { errorText } from '#base/text/error-text.ts';
import type { KubeconfigAccess } from '#client/transport/kubeconfig.ts';
import type {
  AuthorizationAttributes,
  AuthorizationDecision,
  Authorizer,
} from '../../contract/authorization.ts';
import { readReview } from '../../outgoing/read-review.ts';
import { retriedPost } from '../../outgoing/retried-post.ts';
import type { WebhookClient } from '../../outgoing/webhook-client.ts';
import type { WebhookSettings } from './configuration.ts';

export interface WebhookAuthorizerOptions {
  readonly env: Pick<Env, 'clock' | 'random' | 'log'>;
  readonly client: WebhookClient;
  readonly access: KubeconfigAccess;
  readonly settings: WebhookSettings;
}

/** Upstream's. */
const keptMax = 8192;
const keptTextMax = 10_000;
const firstPauseMs = 500;
const noOpinion: AuthorizationDecision = { decision: 'noOpinion', reason: '' };

interface Kept {
  readonly status: SubjectAccessReviewStatus;
  readonly untilMs: number;
}

export function webhookAuthorizer(options: WebhookAuthorizerOptions): Authorizer {
  const { env, settings } = options;
  const kept = new RecentMap<string, Kept>(keptMax);

  function known(key: string): SubjectAccessReviewStatus | undefined {
    const found = kept.get(key);
    if (!found) return undefined;
    if (found.untilMs > env.clock.monotonicMs()) return found.status;
    kept.delete(key);
    return undefined;
  }

  function keep(key: string, status: SubjectAccessReviewStatus): void {
    const lifeMs = status.allowed ? settings.authorizedMs : settings.unauthorizedMs;
    if (lifeMs <= 0 || key.length >= keptTextMax) return;
    kept.set(key, { status, untilMs: env.clock.monotonicMs() + lifeMs });
  }

  return {
    name: 'Webhook',
    authorize(attributes) {
      const spec = specOf(attributes);
      const { isMatch, errors } = meets(settings, spec);
      if (!isMatch) {
        return errors.length > 0 ? failed(settings, errors.join(', ')) : noOpinion;
      }
      const key = JSON.stringify(spec);
      const status = known(key);
      if (status) return decisionOf(status);
      return ask(options, spec).then(
        (answered) => {
          keep(key, answered);
          return decisionOf(answered);
        },
        (error) => {
          env.log.error('an authorization webhook failed', { name: settings.name, error: errorText(error) });
          return failed(settings, errorText(error) || 'unknown');
        },
      );
    },
  };
}

function failed({ failureDecision }: WebhookSettings, error: string): AuthorizationDecision {
  return { decision: failureDecision, reason: '', error };
}

function decisionOf({ allowed, denied, reason = '' }: SubjectAccessReviewStatus): AuthorizationDecision {
  if (denied && allowed) {
    const error = 'webhook subject access review returned both allow and deny response';
    return { decision: 'deny', reason, error };
  }
  if (denied) return { decision: 'deny', reason };
  return { decision: allowed ? 'allow' : 'noOpinion', reason };
}

/** One condition that is false decides, whatever becomes of the others. */
function meets({ conditions }: WebhookSettings, spec: SubjectAccessReviewSpec) {
  const errors: string[] = [];
  for (const program of conditions) {
    const result = program.evaluate({ request: spec }, costLimits.call);
    if (!result.ok) {
      errors.push(
        `cel evaluation error: expression '${program.expression}' resulted in error: ${result.error}`,
      );
    } else if (result.value === false) return { isMatch: false, errors: [] };
  }
  return { isMatch: errors.length === 0, errors };
}

async function ask(
  { env, client, access, settings }: WebhookAuthorizerOptions,
  spec: SubjectAccessReviewSpec,
): Promise<SubjectAccessReviewStatus> {
  const kind = 'SubjectAccessReview';
  const apiVersion = `authorization.k8s.io/${settings.version}`;
  const review = {
    kind,
    apiVersion,
    metadata: {},
    spec: settings.version === 'v1beta1' ? inV1beta1(spec) : spec,
    status: { allowed: false },
  };
  const post = { env, client, access, firstPauseMs, timeoutMs: settings.timeoutMs };
  const body = await retriedPost(post, JSON.stringify(review));
  const type = 'io.k8s.api.authorization.v1.SubjectAccessReview';
  const answer = readReview(body, { schema: loadSchema(), type, kind, apiVersion });
  return (answer['status'] as SubjectAccessReviewStatus | undefined) ?? { allowed: false };
}

/** In v1beta1 the user's groups are the field `group`. */
function inV1beta1({ groups, ...spec }: SubjectAccessReviewSpec): object {
  return { ...spec, ...(groups ? { group: groups } : {}) };
}

function specOf(attributes: AuthorizationAttributes): SubjectAccessReviewSpec {
  const { user, isResource, path, verb } = attributes;
  return {
    ...(isResource
      ? { resourceAttributes: resourceOf(attributes) }
      : { nonResourceAttributes: { path, verb } }),
    user: user.name,
    ...(user.groups.length > 0 ? { groups: [...user.groups] } : {}),
    ...(user.extra
      ? { extra: Object.fromEntries(Object.entries(user.extra).map(([key, values]) => [key, [...values]])) }
      : {}),
    ...(user.uid ? { uid: user.uid } : {}),
  };
}

function resourceOf(attributes: AuthorizationAttributes): SubjectAccessReviewSpec['resourceAttributes'] {
  const { namespace, verb, group, version, resource, subresource, name } = attributes;
  const all = { namespace, verb, group, version, resource, subresource, name };
  const fields = (attributes.fieldSelector ?? []).map(({ field, operator, value }) => ({
    key: field,
    operator: operator === '=' ? 'In' : 'NotIn',
    values: [value],
  }));
  const labels = (attributes.labelSelector ?? []).flatMap(labelOf);
  return {
    ...Object.fromEntries(Object.entries(all).filter(([, value]) => value !== '')),
    ...(fields.length > 0 ? { fieldSelector: { requirements: fields } } : {}),
    ...(labels.length > 0 ? { labelSelector: { requirements: labels } } : {}),
  };
}

const labelOperators: Readonly<Record<string, string>> = {
  '=': 'In',
  '==': 'In',
  in: 'In',
  '!=': 'NotIn',
  notin: 'NotIn',
  exists: 'Exists',
  '!': 'DoesNotExist',
};

/** What the API has no operator for is left out, which only makes the question broader. */
function labelOf({ key, operator, values }: Requirement) {
  const named = labelOperators[operator];
  if (!named) return [];
  return [{ key, operator: named, ...(values.length > 0 ? { values: [...values] } : {}) }];
}

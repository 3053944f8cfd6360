/**
 * SubjectAccessReview and its local and self forms: asks the authorizers; SelfSubjectRulesReview: lists the
 * rules.
 */

import type {
  NonResourceRule,
  PolicyRule,
  ResourceRule,
  SelfSubjectRulesReview,
  SubjectAccessReview,
  SubjectAccessReviewSpec,
  SubjectRulesReviewStatus,
} from '#api/generated/types.gen.ts';
import { badRequest, invalid } from '#api/meta/status.ts';
import type { UserInfo } from '#api/meta/user.ts';
import type { ListedRules, RuleLister } from '../../authz/listed-rules.ts';
import { selectorsOfReview } from '../../authz/selectors.ts';
import type { AuthorizationAttributes, Authorizer } from '../../contract/authorization.ts';
import type { HandlerContext, SpecialHandler } from '../../contract/special-handler.ts';
import { bodyOf, reviewStep } from '../body.ts';
import { type AccessReviewKind, validateReview } from './access-review-validation.ts';

const group = 'authorization.k8s.io';
const apiVersion = `${group}/v1`;

export function accessReviewHandlers(
  authorizer: Authorizer,
  listRules: RuleLister,
): readonly SpecialHandler[] {
  const define = (
    kind: AccessReviewKind,
    userOf: (context: HandlerContext, spec: SubjectAccessReviewSpec) => UserInfo,
  ) => ({
    group,
    resource: `${kind.toLowerCase()}s`,
    subresource: '',
    verbs: ['create'],
    handle: (context: HandlerContext) => review(authorizer, context, kind, userOf),
  });
  return [
    define('SubjectAccessReview', (_context, spec) => subjectOf(spec)),
    define('LocalSubjectAccessReview', (_context, spec) => subjectOf(spec)),
    define('SelfSubjectAccessReview', (context) => context.user),
    rulesReviewHandler(listRules),
  ];
}

async function review(
  authorizer: Authorizer,
  context: HandlerContext,
  kind: AccessReviewKind,
  userOf: (context: HandlerContext, spec: SubjectAccessReviewSpec) => UserInfo,
) {
  const object = bodyOf<SubjectAccessReview>(context, kind);
  return context.write(
    reviewStep(context, object, () => check(context, kind, object)),
    async () => {
      const { spec = {} } = object;
      const { selectors, problems } = selectorsOfReview(spec.resourceAttributes ?? {});
      const answer = await authorizer.authorize({
        ...attributesOf(userOf(context, spec), spec),
        ...selectors,
      });
      const status = {
        allowed: answer.decision === 'allow',
        ...(answer.decision === 'deny' ? { denied: true } : {}),
        ...(answer.reason ? { reason: answer.reason } : {}),
        ...evaluationError([...problems, ...(answer.error ? [answer.error] : [])]),
      };
      return context.answer(201, {
        kind,
        apiVersion,
        metadata: metadataOf(context, kind, object),
        spec,
        status,
      });
    },
  );
}

function evaluationError(problems: readonly string[]): { evaluationError?: string } {
  return problems.length > 0 ? { evaluationError: problems.join('; ') } : {};
}

/**
 * A LocalSubjectAccessReview without a namespace is of the namespace that it is created in, as every object.
 */
function metadataOf({ info }: HandlerContext, kind: AccessReviewKind, { metadata }: SubjectAccessReview) {
  const isLocal = kind === 'LocalSubjectAccessReview';
  return {
    ...metadata,
    ...(isLocal ? { namespace: metadata?.namespace || info.namespace } : {}),
  };
}

function check(context: HandlerContext, kind: AccessReviewKind, review: SubjectAccessReview): void {
  const { namespace } = context.info;
  const metadata = metadataOf(context, kind, review);
  const errors = validateReview(kind, review.spec ?? {}, metadata);
  // As upstream, whose internal object has no kind.
  if (errors.length > 0) throw invalid({ group, kind: '' }, '', errors);
  if (kind === 'LocalSubjectAccessReview' && metadata.namespace !== namespace) {
    throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${namespace}`);
  }
}

function subjectOf(spec: SubjectAccessReviewSpec): UserInfo {
  return {
    name: spec.user ?? '',
    groups: spec.groups ?? [],
    ...(spec.uid ? { uid: spec.uid } : {}),
    ...(spec.extra ? { extra: spec.extra } : {}),
  };
}

function attributesOf(user: UserInfo, spec: SubjectAccessReviewSpec): AuthorizationAttributes {
  const resource = spec.resourceAttributes;
  const text = (value: string | undefined) => value ?? '';
  return {
    user,
    verb: text(resource?.verb ?? spec.nonResourceAttributes?.verb),
    isResource: resource !== undefined,
    path: text(spec.nonResourceAttributes?.path),
    group: text(resource?.group),
    version: resource ? resource.version || '*' : '',
    resource: text(resource?.resource),
    subresource: text(resource?.subresource),
    namespace: text(resource?.namespace),
    name: text(resource?.name),
  };
}

function rulesReviewHandler(listRules: RuleLister): SpecialHandler {
  return {
    group,
    resource: 'selfsubjectrulesreviews',
    subresource: '',
    verbs: ['create'],
    async handle(context) {
      const object = bodyOf<SelfSubjectRulesReview>(context, 'SelfSubjectRulesReview');
      const check = () => {
        if (!object.spec?.namespace) throw badRequest('no namespace on request');
      };
      return context.write(reviewStep(context, object, check), () => {
        const status = statusOf(listRules(context.user, object.spec.namespace!));
        return context.answer(201, {
          kind: 'SelfSubjectRulesReview',
          apiVersion,
          metadata: {},
          spec: {},
          status,
        });
      });
    },
  };
}

function statusOf({ rules, gaps }: ListedRules): SubjectRulesReviewStatus {
  return {
    resourceRules: rules.flatMap(resourceRule),
    nonResourceRules: rules.flatMap(nonResourceRule),
    incomplete: gaps.length > 0,
    ...(gaps.length > 0 ? { evaluationError: gaps.join(', ') } : {}),
  };
}

function resourceRule({ verbs, apiGroups, resources, resourceNames }: PolicyRule): ResourceRule[] {
  if (!resources?.length) return [];
  return [{ verbs, apiGroups: apiGroups ?? [], resources, ...(resourceNames ? { resourceNames } : {}) }];
}

function nonResourceRule({ verbs, nonResourceURLs }: PolicyRule): NonResourceRule[] {
  return nonResourceURLs?.length ? [{ verbs, nonResourceURLs }] : [];
}

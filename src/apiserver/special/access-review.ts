/** SubjectAccessReview and its local and self forms: asks the authorizers; SelfSubjectRulesReview: lists the rules. */

import { forbiddenField, invalidValue } from '#api/field-error.ts';
import { badRequest, invalid } from '#api/status.ts';
import type {
  NonResourceRule,
  PolicyRule,
  ResourceRule,
  SelfSubjectRulesReview,
  SubjectAccessReview,
  SubjectAccessReviewSpec,
} from '#api/types.gen.ts';
import { groupMasters, type UserInfo } from '#api/user.ts';
import type { RuleResolver } from '../authz/rbac.ts';
import type { AuthorizationAttributes, Authorizer, HandlerContext, SpecialHandler } from '../contract.ts';
import { bodyOf, created } from './body.ts';

const group = 'authorization.k8s.io';
const apiVersion = `${group}/v1`;

type AccessReviewKind = 'SubjectAccessReview' | 'LocalSubjectAccessReview' | 'SelfSubjectAccessReview';

export function accessReviewHandlers(
  authorizer: Authorizer,
  resolver: RuleResolver,
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
    rulesReviewHandler(resolver),
  ];
}

async function review(
  authorizer: Authorizer,
  context: HandlerContext,
  kind: AccessReviewKind,
  userOf: (context: HandlerContext, spec: SubjectAccessReviewSpec) => UserInfo,
) {
  const object = bodyOf<SubjectAccessReview>(context, kind);
  const spec = object.spec ?? {};
  validate(kind, spec, context.info.namespace);
  const answer = await authorizer.authorize(attributesOf(userOf(context, spec), spec));
  const status = {
    allowed: answer.decision === 'allow',
    ...(answer.decision === 'deny' ? { denied: true } : {}),
    ...(answer.reason ? { reason: answer.reason } : {}),
  };
  return created({ kind, apiVersion, metadata: object.metadata ?? {}, spec, status });
}

function subjectOf(spec: SubjectAccessReviewSpec): UserInfo {
  return {
    name: spec.user ?? '',
    groups: spec.groups ?? [],
    ...(spec.uid ? { uid: spec.uid } : {}),
    ...(spec.extra ? { extra: spec.extra } : {}),
  };
}

function validate(kind: string, spec: SubjectAccessReviewSpec, namespace: string): void {
  const errors = [];
  const { resourceAttributes: resource, nonResourceAttributes: other } = spec;
  const one = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
  const both = 'cannot be specified in combination with resourceAttributes';
  if (resource && other) errors.push(invalidValue('spec.nonResourceAttributes', other, both));
  if (!resource && !other) errors.push(invalidValue('spec.resourceAttributes', resource, one));
  if (kind !== 'SelfSubjectAccessReview' && !spec.user && !spec.groups?.length) {
    errors.push(
      invalidValue('spec.user', spec.user ?? '', 'at least one of user or group must be specified'),
    );
  }
  if (kind === 'LocalSubjectAccessReview' && other) {
    errors.push(forbiddenField('spec.nonResourceAttributes', 'disallowed on this kind of request'));
  }
  if (errors.length > 0) throw invalid({ group, kind }, '', errors);
  if (kind === 'LocalSubjectAccessReview' && resource?.namespace !== namespace) {
    throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${namespace}`);
  }
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
    version: text(resource?.version),
    resource: text(resource?.resource),
    subresource: text(resource?.subresource),
    namespace: text(resource?.namespace),
    name: text(resource?.name),
  };
}

function rulesReviewHandler(resolver: RuleResolver): SpecialHandler {
  return {
    group,
    resource: 'selfsubjectrulesreviews',
    subresource: '',
    verbs: ['create'],
    async handle(context) {
      const object = bodyOf<SelfSubjectRulesReview>(context, 'SelfSubjectRulesReview');
      const namespace = object.spec?.namespace;
      if (!namespace) throw badRequest('no namespace on request');
      const rules = context.user.groups.includes(groupMasters) ? [everything, everyUrl] : [];
      const failures = resolver.visitRules(context.user, namespace, ({ rule }) => {
        rules.push(rule);
        return false;
      });
      return created({
        kind: 'SelfSubjectRulesReview',
        apiVersion,
        metadata: {},
        spec: {},
        status: {
          resourceRules: rules.flatMap(resourceRule),
          nonResourceRules: rules.flatMap(nonResourceRule),
          incomplete: failures.length > 0,
          ...(failures.length > 0 ? { evaluationError: failures.join(', ') } : {}),
        },
      });
    },
  };
}

const everything: PolicyRule = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] };
const everyUrl: PolicyRule = { verbs: ['*'], nonResourceURLs: ['*'] };

function resourceRule({ verbs, apiGroups, resources, resourceNames }: PolicyRule): ResourceRule[] {
  if (!resources?.length) return [];
  return [{ verbs, apiGroups: apiGroups ?? [], resources, ...(resourceNames ? { resourceNames } : {}) }];
}

function nonResourceRule({ verbs, nonResourceURLs }: PolicyRule): NonResourceRule[] {
  return nonResourceURLs?.length ? [{ verbs, nonResourceURLs }] : [];
}

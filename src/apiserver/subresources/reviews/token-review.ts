/** TokenReview: the user of a token; SelfSubjectReview: the user of the request. */

import type {
  UserInfo as ReviewedUser,
  SelfSubjectReview,
  TokenReview,
  TokenReviewStatus,
} from '#api/generated/types.gen.ts';
import { badRequest } from '#api/meta/status.ts';
import type { UserInfo } from '#api/meta/user.ts';
import { rfc3339 } from '#base/clock.ts';
import type { TokenReviewer } from '../../authn/service-account.ts';
import type { Authenticator } from '../../contract/authentication.ts';
import type { SpecialHandler } from '../../contract/special-handler.ts';
import { bodyOf, created, reviewStep } from '../body.ts';

const group = 'authentication.k8s.io';

export function tokenReviewHandler(options: {
  readonly reviewer: TokenReviewer;
  /** Those that know bearer tokens of other kinds. */
  readonly tokenAuthenticators: readonly Authenticator[];
  readonly apiAudiences: readonly string[];
}): SpecialHandler {
  async function review(token: string, audiences: readonly string[]): Promise<TokenReviewStatus> {
    const wanted = audiences.length > 0 ? audiences : options.apiAudiences;
    const account = await options.reviewer.review(token, wanted);
    if (account) return known(account.user, account.audiences);
    const request = { method: 'GET', path: '/', headers: { authorization: `Bearer ${token}` } };
    // A header cannot carry such a token, so it is invalid.
    if (/\s/.test(token)) return { user: {}, error: '[invalid bearer token]' };
    // Tokens of other kinds are for the API server only.
    const common = wanted.filter((audience) => options.apiAudiences.includes(audience));
    for (const authenticator of common.length > 0 ? options.tokenAuthenticators : []) {
      const user = await authenticator.authenticate(request, {});
      if (user) return known(user, common);
    }
    return { user: {}, error: '[invalid bearer token]' };
  }

  return {
    group,
    resource: 'tokenreviews',
    subresource: '',
    verbs: ['create'],
    async handle(context) {
      const object = bodyOf<TokenReview>(context, 'TokenReview');
      const check = () => {
        if (!object.spec?.token) throw badRequest('token is required for TokenReview in authentication');
      };
      return context.write(reviewStep(context, object, check), async () => {
        const { spec } = object;
        const status = await review(spec.token!, spec.audiences ?? []);
        return created({ kind: 'TokenReview', apiVersion: `${group}/v1`, metadata: {}, spec, status });
      });
    },
  };
}

function known(user: UserInfo, audiences: readonly string[]): TokenReviewStatus {
  return { authenticated: true, user: reviewed(user), audiences: [...audiences] };
}

export function reviewed(user: UserInfo): ReviewedUser {
  return {
    username: user.name,
    ...(user.uid === undefined ? {} : { uid: user.uid }),
    groups: [...user.groups],
    ...(user.extra
      ? { extra: Object.fromEntries(Object.entries(user.extra).map(([key, values]) => [key, [...values]])) }
      : {}),
  };
}

export const selfSubjectReviewHandler: SpecialHandler = {
  group,
  resource: 'selfsubjectreviews',
  subresource: '',
  verbs: ['create'],
  async handle(context) {
    const object = bodyOf<SelfSubjectReview>(context, 'SelfSubjectReview');
    return context.write(reviewStep(context, object), () =>
      created({
        kind: 'SelfSubjectReview',
        apiVersion: `${group}/v1`,
        metadata: { creationTimestamp: rfc3339(context.env.clock.now()) },
        status: { userInfo: reviewed(context.user) },
      }),
    );
  },
};

/** TokenReview: the user of a token; SelfSubjectReview: the user of the request. */

import type {
  UserInfo as ReviewedUser,
  SelfSubjectReview,
  TokenReview,
  TokenReviewStatus,
} from '#api/generated/types.gen.ts';
import { bearerOf } from '#api/http/authorization-header.ts';
import { badRequest } from '#api/meta/status.ts';
import { anonymous, type UserInfo } from '#api/meta/user.ts';
import { rfc3339 } from '#base/clock.ts';
import { BadToken, type TokenAuthenticator } from '../../contract/authentication.ts';
import type { SpecialHandler } from '../../contract/special-handler.ts';
import { bodyOf, reviewStep } from '../body.ts';

const group = 'authentication.k8s.io';

export interface TokenReviewOptions {
  readonly bearerTokens: TokenAuthenticator;
  readonly apiAudiences: readonly string[];
  /** A caller without credentials is authenticated, as system:anonymous. */
  readonly takesAnonymous: boolean;
}

export function tokenReviewHandler(options: TokenReviewOptions): SpecialHandler {
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
        const audiences = spec.audiences?.length ? spec.audiences : options.apiAudiences;
        // What the review does not find out stays as the request has it, as upstream.
        const { authenticated: _, ...given } = object.status ?? {};
        const status = { user: {}, ...given, ...(await review(options, spec.token!, audiences)) };
        const { metadata = {} } = object;
        return context.answer(201, {
          kind: 'TokenReview',
          apiVersion: `${group}/v1`,
          metadata,
          spec,
          status,
        });
      });
    },
  };
}

async function review(
  { bearerTokens, takesAnonymous }: TokenReviewOptions,
  text: string,
  audiences: readonly string[],
): Promise<TokenReviewStatus> {
  // As upstream, which reviews a request with this header: of several words the first is the token.
  const token = bearerOf(`Bearer ${text}`);
  if (token === undefined) return takesAnonymous ? known(anonymous, audiences) : {};
  try {
    const found = await bearerTokens.authenticate(token, audiences);
    if (found) return known(found.user, found.audiences);
    return { error: 'invalid bearer token' };
  } catch (error) {
    if (error instanceof BadToken) return { error: error.message };
    throw error;
  }
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
      context.answer(201, {
        kind: 'SelfSubjectReview',
        apiVersion: `${group}/v1`,
        metadata: { creationTimestamp: rfc3339(context.env.clock.now()) },
        status: { userInfo: reviewed(context.user) },
      }),
    );
  },
};

/** Every resource and subresource that is not plain storage. */

import type { ServiceAccountTokens } from '../authn/service-account-tokens.ts';
import type { RuleLister } from '../authz/listed-rules.ts';
import type { Authenticator, TokenAuthenticator } from '../contract/authentication.ts';
import type { Authorizer } from '../contract/authorization.ts';
import type { SpecialHandler } from '../contract/special-handler.ts';
import { bindingHandlers } from './binding.ts';
import { type ComponentChecks, componentStatusHandler } from './component-statuses.ts';
import type { Kubelets } from './connections/kubelet-connection.ts';
import { evictionHandler } from './eviction.ts';
import { podConnectionHandlers } from './proxy/pod-connections.ts';
import { podLogHandler } from './proxy/pod-log.ts';
import { proxyHandlers } from './proxy/proxy.ts';
import { accessReviewHandlers } from './reviews/access-review.ts';
import { type TokenRequestOptions, tokenRequestHandler } from './reviews/token-request.ts';
import { selfSubjectReviewHandler, tokenReviewHandler } from './reviews/token-review.ts';

export interface SpecialOptions {
  readonly kubelets: Kubelets;
  readonly tokens: ServiceAccountTokens;
  readonly tokenOptions?: TokenRequestOptions;
  readonly bearerTokens: TokenAuthenticator;
  /** Undefined: who shows no credentials is refused. */
  readonly anonymous: Authenticator | undefined;
  readonly authorizer: Authorizer;
  readonly listRules: RuleLister;
  readonly componentChecks: ComponentChecks;
}

export function specialHandlers(options: SpecialOptions): readonly SpecialHandler[] {
  const { kubelets, tokens, authorizer, listRules } = options;
  return [
    ...bindingHandlers,
    evictionHandler,
    podLogHandler(kubelets),
    ...podConnectionHandlers(kubelets, authorizer),
    ...proxyHandlers(kubelets),
    tokenRequestHandler(tokens, options.tokenOptions),
    tokenReviewHandler({
      bearerTokens: options.bearerTokens,
      apiAudiences: tokens.apiAudiences,
      takesAnonymous: options.anonymous !== undefined,
    }),
    selfSubjectReviewHandler,
    ...accessReviewHandlers(authorizer, listRules),
    componentStatusHandler(options.componentChecks),
  ];
}

/** Who may use the server: authentication and authorization by its arguments, and the tokens that it issues. */

import type { Registry } from 'prom-client';
import { authentication } from '../authn/authentication.ts';
import { authorization } from '../authz/authorizer.ts';
import { DecisionCounts } from '../authz/decision-counts.ts';
import { FollowedNodePods } from '../authz/node/pods.ts';
import type { ServerStorage } from '../storage/server-storage.ts';
import type { KubeApiServerOptions } from './kube-options.ts';

export type Access = ReturnType<typeof buildAccess>;

export function buildAccess(
  options: KubeApiServerOptions,
  { reader, feed, serverClient }: ServerStorage,
  registry: Registry,
) {
  const { env, pki, staticTokens, configuration } = options;
  const args = configuration?.arguments ?? {};
  const nodePods = new FollowedNodePods();
  nodePods.follow(feed);
  return {
    ...authentication({
      env,
      pki,
      reader,
      serverClient,
      arguments: args,
      registry,
      ...(staticTokens ? { staticTokens } : {}),
    }),
    ...authorization(env, reader, nodePods, args, new DecisionCounts(registry)),
  };
}

export function tokenOptionsOf({ configuration }: KubeApiServerOptions) {
  const {
    'service-account-extend-token-expiration': extendsLife = true,
    'service-account-max-token-expiration': lifeMaxMs,
  } = configuration?.arguments ?? {};
  return { extendsLife, ...(lifeMaxMs ? { secondsMax: Math.floor(lifeMaxMs / 1000) } : {}) };
}

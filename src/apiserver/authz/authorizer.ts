/**
 * The chain of authorizers: `system:masters` first, then those of the configuration; by default, as upstream
 * sets a cluster up, Node and RBAC.
 */

import type { ApiServerArguments } from '#api/configuration/api-server-arguments.ts';
import type { Env } from '#base/env.ts';
import { followParsedFile, readUserFile } from '#host/files/user-file.ts';
import type { Authorizer } from '../contract/authorization.ts';
import type { ObjectReader } from '../contract/stored-objects.ts';
import { WebhookClient } from '../outgoing/webhook-client.ts';
import { readWebhookKubeconfig } from '../outgoing/webhook-kubeconfig.ts';
import { decide } from './authorize-request.ts';
import type { DecisionCounts } from './decision-counts.ts';
import { authorizersByMode } from './modes.ts';
import { nodeAuthorizer } from './node.ts';
import type { NodePods } from './node-pods.ts';
import { abacAuthorizer, readAbacPolicies } from './policies/abac.ts';
import { mastersAuthorizer, type RuleResolver, rbacAuthorizer, ruleResolver } from './rbac.ts';
import { webhookAuthorizer } from './webhook/authorizer.ts';
import { type AuthorizerEntry, readAuthorizationConfiguration } from './webhook/configuration.ts';

export interface Authorization {
  readonly authorizer: Authorizer;
  readonly resolver: RuleResolver;
}

const byDefault: readonly { readonly type: 'Node' | 'RBAC'; readonly name: string }[] = [
  { type: 'Node', name: 'node' },
  { type: 'RBAC', name: 'rbac' },
];
/** What a review of all rules does not find. */
const unlisted: Readonly<Record<string, string>> = {
  ABAC: 'ABAC authorizer does not support user rule resolution',
  Webhook: 'webhook authorizer does not support user rule resolution',
};

export function defaultAuthorization(
  reader: ObjectReader,
  nodePods: NodePods,
  counts?: DecisionCounts,
): Authorization {
  const resolver = ruleResolver(reader);
  const chain = chainOf(byDefault, counts, (entry) => builtIn(entry, reader, nodePods, resolver));
  return { authorizer: union(() => chain), resolver };
}

interface Configured {
  readonly entries: readonly AuthorizerEntry[];
  readonly chain: readonly Authorizer[];
}

/** `stopAuthorization` ends the watch of the configuration's file. */
export function authorization(
  env: Env,
  reader: ObjectReader,
  nodePods: NodePods,
  given: ApiServerArguments,
  counts?: DecisionCounts,
): Authorization & { stopAuthorization(): void } {
  const byMode = authorizersByMode(given);
  const path = given['authorization-config'];
  if (path === undefined && byMode === undefined) {
    return { ...defaultAuthorization(reader, nodePods, counts), stopAuthorization() {} };
  }
  const resolver = ruleResolver(reader);
  const client = new WebhookClient({ clock: env.clock, resolve: noService, userAgent: 'kube-apiserver' });
  const configured = (entries: readonly AuthorizerEntry[]): Configured => ({
    entries,
    chain: chainOf(entries, counts, (entry) => {
      if (entry.type !== 'Webhook') return builtIn(entry, reader, nodePods, resolver);
      const { webhook: settings } = entry;
      const access = readWebhookKubeconfig(settings.kubeConfigFile, readUserFile);
      return webhookAuthorizer({ env, client, access, settings });
    }),
  });
  const read = (text: string) => configured(readAuthorizationConfiguration(text));
  const source =
    path === undefined
      ? fixedSource(configured(byMode ?? []))
      : followParsedFile(env, path, 'the authorization configuration', read);
  return {
    authorizer: union(() => source.current.chain),
    resolver: {
      ...resolver,
      visitRules(user, namespace, visit) {
        const gaps = source.current.entries.flatMap(({ type }) => unlisted[type] ?? []);
        return [...resolver.visitRules(user, namespace, visit), ...new Set(gaps)];
      },
    },
    stopAuthorization() {
      source.stop();
      void client.close();
    },
  };
}

function noService(): never {
  throw new Error('the kubeconfig of the authorization webhook has a URL, not a service');
}

function fixedSource(current: Configured) {
  return { current, stop() {} };
}

function chainOf<E extends AuthorizerEntry>(
  entries: readonly E[],
  counts: DecisionCounts | undefined,
  make: (entry: E) => Authorizer,
): readonly Authorizer[] {
  const counted = (entry: E) => (counts ? counts.counting(make(entry), entry.type, entry.name) : make(entry));
  return [mastersAuthorizer, ...entries.map(counted)];
}

function union(chain: () => readonly Authorizer[]): Authorizer {
  return { name: 'union', authorize: (attributes) => decide(chain(), attributes) };
}

function builtIn(
  entry: Exclude<AuthorizerEntry, { readonly type: 'Webhook' }>,
  reader: ObjectReader,
  nodePods: NodePods,
  resolver: RuleResolver,
): Authorizer {
  const { type } = entry;
  if (entry.type === 'ABAC') {
    return abacAuthorizer(readAbacPolicies(entry.policyFile, readUserFile(entry.policyFile)));
  }
  if (type === 'Node') return nodeAuthorizer(reader, nodePods);
  if (type === 'RBAC') return rbacAuthorizer(resolver);
  const decision = type === 'AlwaysAllow' ? 'allow' : 'noOpinion';
  const reason = type === 'AlwaysAllow' ? '' : 'Everything is forbidden.';
  return { name: type, authorize: () => ({ decision, reason }) };
}

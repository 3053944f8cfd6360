/**
 * The chain of authorizers: `system:masters` first, then those of the configuration; by default, as upstream
 * sets a cluster up, Node and RBAC.
 */

import type { ApiServerArguments } from '#api/configuration/api-server-arguments.ts';
import type { Env } from '#base/env.ts';
import { errorText } from '#base/text/error-text.ts';
import { followUserFile, readUserFile } from '#host/files/user-file.ts';
import type { Authorizer } from '../contract/authorization.ts';
import type { ObjectReader } from '../contract/stored-objects.ts';
import { WebhookClient } from '../outgoing/webhook-client.ts';
import { readWebhookKubeconfig } from '../outgoing/webhook-kubeconfig.ts';
import { decide } from './authorize-request.ts';
import type { DecisionCounts } from './decision-counts.ts';
import { nodeAuthorizer } from './node.ts';
import type { NodePods } from './node-pods.ts';
import { mastersAuthorizer, type RuleResolver, rbacAuthorizer, ruleResolver } from './rbac.ts';
import { webhookAuthorizer } from './webhook/authorizer.ts';
import { type AuthorizerEntry, readAuthorizationConfiguration } from './webhook/configuration.ts';

export interface Authorization {
  readonly authorizer: Authorizer;
  readonly resolver: RuleResolver;
}

const byDefault: readonly AuthorizerEntry[] = [
  { type: 'Node', name: 'node' },
  { type: 'RBAC', name: 'rbac' },
];
const webhookGap = 'webhook authorizer does not support user rule resolution';

export function defaultAuthorization(
  reader: ObjectReader,
  nodePods: NodePods,
  counts?: DecisionCounts,
): Authorization {
  const resolver = ruleResolver(reader);
  const chain = chainOf(byDefault, counts, (entry) => builtIn(entry, reader, nodePods, resolver));
  return { authorizer: union(() => chain), resolver };
}

/** `stop` ends the watch of the configuration's file. */
export function authorization(
  env: Env,
  reader: ObjectReader,
  nodePods: NodePods,
  given: ApiServerArguments,
  counts?: DecisionCounts,
): Authorization & { stopAuthorization(): void } {
  const path = given['authorization-config'];
  if (path === undefined) {
    return { ...defaultAuthorization(reader, nodePods, counts), stopAuthorization() {} };
  }
  const resolver = ruleResolver(reader);
  const client = new WebhookClient({
    clock: env.clock,
    resolve: () => {
      throw new Error('the kubeconfig of the authorization webhook has a URL, not a service');
    },
    userAgent: 'kube-apiserver',
  });
  const make = (entry: AuthorizerEntry): Authorizer => {
    if (entry.type !== 'Webhook') return builtIn(entry, reader, nodePods, resolver);
    const { webhook: settings } = entry;
    const access = readWebhookKubeconfig(settings.kubeConfigFile, readUserFile);
    return webhookAuthorizer({ env, client, access, settings });
  };
  const read = (text: string) => {
    try {
      const entries = readAuthorizationConfiguration(text);
      return { entries, chain: chainOf(entries, counts, make) };
    } catch (error) {
      throw new Error(`${path}: ${errorText(error)}`);
    }
  };
  const file = followUserFile(env.clock, path, (text) => {
    try {
      current = read(text);
      env.log.info('the authorization configuration has been loaded again', { path });
    } catch (error) {
      env.log.error('the authorization configuration stays as it was', { error: errorText(error) });
    }
  });
  let current = read(file.text);
  return {
    authorizer: union(() => current.chain),
    resolver: {
      ...resolver,
      visitRules(user, namespace, visit) {
        const hasWebhook = current.entries.some(({ type }) => type === 'Webhook');
        const problems = resolver.visitRules(user, namespace, visit);
        return hasWebhook ? [...problems, webhookGap] : problems;
      },
    },
    stopAuthorization() {
      file.stop();
      void client.close();
    },
  };
}

function chainOf(
  entries: readonly AuthorizerEntry[],
  counts: DecisionCounts | undefined,
  make: (entry: AuthorizerEntry) => Authorizer,
): readonly Authorizer[] {
  const counted = (entry: AuthorizerEntry) =>
    counts ? counts.counting(make(entry), entry.type, entry.name) : make(entry);
  return [mastersAuthorizer, ...entries.map(counted)];
}

function union(chain: () => readonly Authorizer[]): Authorizer {
  return { name: 'union', authorize: (attributes) => decide(chain(), attributes) };
}

function builtIn(
  { type }: AuthorizerEntry,
  reader: ObjectReader,
  nodePods: NodePods,
  resolver: RuleResolver,
): Authorizer {
  if (type === 'Node') return nodeAuthorizer(reader, nodePods);
  if (type === 'RBAC') return rbacAuthorizer(resolver);
  const decision = type === 'AlwaysAllow' ? 'allow' : 'noOpinion';
  const reason = type === 'AlwaysAllow' ? '' : 'Everything is forbidden.';
  return { name: type, authorize: () => ({ decision, reason }) };
}

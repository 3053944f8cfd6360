/**
 * The chain of authorizers: `system:masters` first, then those of the configuration; by default, as upstream
 * sets a cluster up, Node and RBAC.
 */

import type { ApiServerArguments } from '#api/configuration/api-server-arguments.ts';
import type { Env } from '#base/env.ts';
import { readKubeconfig } from '#client/transport/kubeconfig.ts';
import { followParsedFile, readUserFile } from '#host/files/user-file.ts';
import type { Authorizer } from '../contract/authorization.ts';
import type { CountingReader, ObjectReader } from '../contract/stored-objects.ts';
import { WebhookClient } from '../outgoing/webhook-client.ts';
import { decide } from './authorize-request.ts';
import type { DecisionCounts } from './decision-counts.ts';
import { everything, noRules, type RuleLister, rbacRules, unlisted } from './listed-rules.ts';
import { authorizersByMode } from './modes.ts';
import { nodeAuthorizer, nodeNameOf } from './node/authorizer.ts';
import type { NodePods } from './node/pods.ts';
import { abacAuthorizer, abacRules, readAbacPolicies } from './policies/abac.ts';
import { mastersAuthorizer, type RuleResolver, rbacAuthorizer, ruleResolver } from './rbac.ts';
import { webhookAuthorizer } from './webhook/authorizer.ts';
import { type AuthorizerEntry, readAuthorizationConfiguration } from './webhook/configuration.ts';

export interface Authorization {
  readonly authorizer: Authorizer;
  readonly resolver: RuleResolver;
  /** What a review of all rules lists. */
  readonly listRules: RuleLister;
}

/** An authorizer of the configuration. */
interface Configured {
  readonly authorizer: Authorizer;
  readonly listRules: RuleLister;
}

const byDefault: readonly { readonly type: 'Node' | 'RBAC'; readonly name: string }[] = [
  { type: 'Node', name: 'node' },
  { type: 'RBAC', name: 'rbac' },
];

export function defaultAuthorization(
  reader: CountingReader,
  nodePods: NodePods,
  counts?: DecisionCounts,
): Authorization {
  const resolver = ruleResolver(reader);
  const chain = chainOf(byDefault, counts, (entry) => builtIn(entry, reader, nodePods, resolver));
  return { ...union(() => chain), resolver };
}

/** `stopAuthorization` ends the watch of the configuration's file. */
export function authorization(
  env: Env,
  reader: CountingReader,
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
  const configured = (entries: readonly AuthorizerEntry[]) =>
    chainOf(entries, counts, (entry) => {
      if (entry.type !== 'Webhook') return builtIn(entry, reader, nodePods, resolver);
      const { webhook: settings } = entry;
      const access = readKubeconfig(settings.kubeConfigFile, readUserFile);
      const authorizer = webhookAuthorizer({ env, client, access, settings });
      return { authorizer, listRules: () => unlisted('webhook') };
    });
  const read = (text: string) => configured(readAuthorizationConfiguration(text));
  const source =
    path === undefined
      ? fixedSource(configured(byMode ?? []))
      : followParsedFile(env, path, 'the authorization configuration', read);
  return {
    ...union(() => source.current),
    resolver,
    stopAuthorization() {
      source.stop();
      void client.close();
    },
  };
}

function noService(): never {
  throw new Error('the kubeconfig of the authorization webhook has a URL, not a service');
}

function fixedSource(current: readonly Configured[]) {
  return { current, stop() {} };
}

function chainOf<E extends AuthorizerEntry>(
  entries: readonly E[],
  counts: DecisionCounts | undefined,
  make: (entry: E) => Configured,
): readonly Configured[] {
  const counted = (entry: E) => {
    const { authorizer, listRules } = make(entry);
    return { authorizer: counts?.counting(authorizer, entry.type, entry.name) ?? authorizer, listRules };
  };
  return [{ authorizer: mastersAuthorizer, listRules: noRules }, ...entries.map(counted)];
}

function union(chain: () => readonly Configured[]): Pick<Authorization, 'authorizer' | 'listRules'> {
  let [known, authorizers] = [chain(), authorizersOf(chain())];
  const current = () => {
    const configured = chain();
    if (configured !== known) [known, authorizers] = [configured, authorizersOf(configured)];
    return authorizers;
  };
  return {
    authorizer: { name: 'union', authorize: (attributes) => decide(current(), attributes) },
    listRules(user, namespace) {
      const listed = chain().map(({ listRules }) => listRules(user, namespace));
      return {
        rules: listed.flatMap(({ rules }) => rules),
        gaps: [...new Set(listed.flatMap(({ gaps }) => gaps))],
      };
    },
  };
}

function authorizersOf(configured: readonly Configured[]): readonly Authorizer[] {
  return configured.map(({ authorizer }) => authorizer);
}

function builtIn(
  entry: Exclude<AuthorizerEntry, { readonly type: 'Webhook' }>,
  reader: ObjectReader,
  nodePods: NodePods,
  resolver: RuleResolver,
): Configured {
  const { type } = entry;
  if (entry.type === 'ABAC') {
    const policies = readAbacPolicies(entry.policyFile, readUserFile(entry.policyFile));
    const listRules: RuleLister = (user, namespace) => ({
      rules: abacRules(policies, user, namespace),
      gaps: [],
    });
    return { authorizer: abacAuthorizer(policies), listRules };
  }
  if (type === 'Node') {
    // What a node may do depends on what runs on it.
    const listRules: RuleLister = (user) => (nodeNameOf(user) === undefined ? noRules() : unlisted('node'));
    return { authorizer: nodeAuthorizer(reader, nodePods), listRules };
  }
  if (type === 'RBAC') {
    return {
      authorizer: rbacAuthorizer(resolver),
      listRules: (user, namespace) => rbacRules(resolver, user, namespace),
    };
  }
  const allowsAll = type === 'AlwaysAllow';
  const decision = allowsAll ? 'allow' : 'noOpinion';
  const reason = allowsAll ? '' : 'Everything is forbidden.';
  return {
    authorizer: { name: type, authorize: () => ({ decision, reason }) },
    listRules: () => (allowsAll ? { rules: everything, gaps: [] } : noRules()),
  };
}

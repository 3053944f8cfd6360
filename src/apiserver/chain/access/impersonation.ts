/**
 * Impersonation by the Impersonate-* headers, for users who are authorized to it. All ways are tried; the
 * first refusal is what a caller hears when none is open.
 */

import { type FeatureGates, isEnabled } from '#api/configuration/feature-gates.ts';
import {
  anonymous,
  groupAuthenticated,
  groupMasters,
  groupUnauthenticated,
  type UserInfo,
} from '#api/meta/user.ts';
import { decide } from '../../authz/authorize-request.ts';
import { notAllowed } from '../../authz/forbidden-text.ts';
import {
  accountOf,
  associatedNode,
  constrainedModes,
  nodeOf,
  ownGroups,
} from '../../authz/impersonation/modes.ts';
import { type WantedUser, wantedUser } from '../../authz/impersonation/wanted-user.ts';
import type { AuthorizationAttributes, Authorizer } from '../../contract/authorization.ts';
import type { Exchange } from '../../request/exchange.ts';
import type { Stage } from '../stage.ts';
import { attributesOf } from './authorization.ts';

const authenticationGroup = 'authentication.k8s.io';

export function impersonation(authorizers: readonly Authorizer[], gates?: FeatureGates): Stage {
  const modes = isEnabled(gates, 'ConstrainedImpersonation') ? constrainedModes : [];
  return {
    name: 'impersonation',
    enter(exchange) {
      for (const header in exchange.request.headers) {
        if (header.startsWith('impersonate-')) return impersonate(authorizers, modes, exchange);
      }
      return undefined;
    },
  };
}

async function impersonate(
  authorizers: readonly Authorizer[],
  modes: typeof constrainedModes,
  exchange: Exchange,
): Promise<undefined> {
  const wanted = wantedUser(exchange.request);
  if (!wanted) return undefined;
  const refusals: unknown[] = [];
  for (const { name } of modes.filter((mode) => mode.applies(wanted, exchange.user))) {
    const refusal = await refusalOf(authorizers, constrainedChecks(exchange, wanted, name));
    if (refusal === undefined) {
      exchange.user = impersonated(wanted, true);
      exchange.audit?.recordImpersonation(exchange.user, `impersonate:${name}`);
      return undefined;
    }
    refusals.push(refusal);
  }
  const refusal = await refusalOf(authorizers, checksOf(wanted, exchange.user, 'impersonate', ''));
  if (refusal !== undefined) throw refusals[0] ?? refusal;
  exchange.user = impersonated(wanted, false);
  exchange.audit?.recordImpersonation(exchange.user, '');
  return undefined;
}

interface Check {
  readonly attributes: AuthorizationAttributes;
  /** Forbidden for every user. */
  readonly never?: string;
  /** Enough instead of all checks that follow. */
  readonly isForAll?: number;
}

async function refusalOf(authorizers: readonly Authorizer[], checks: readonly Check[]): Promise<unknown> {
  for (let i = 0; i < checks.length; i++) {
    const { attributes, never, isForAll } = checks[i]!;
    if (never !== undefined) return notAllowed(attributes, never);
    const { decision, reason } = await decide(authorizers, attributes);
    if (decision === 'allow') i += isForAll ?? 0;
    else if (isForAll === undefined) return notAllowed(attributes, reason);
  }
  return undefined;
}

/** To send this request as the other user, and to impersonate that user. */
function constrainedChecks(exchange: Exchange, wanted: WantedUser, mode: string): Check[] {
  const asked = attributesOf(exchange);
  const own = mode === associatedNode ? withoutOwnNode(exchange.user) : exchange.user;
  return [
    { attributes: { ...asked, user: own, verb: `impersonate-on:${mode}:${asked.verb}` } },
    ...checksOf(wanted, own, `impersonate:${mode}`, authenticationGroup),
  ];
}

/**
 * What is allowed on one node is allowed on every: the authorizers see which values there are, not what they
 * are.
 */
function withoutOwnNode(user: UserInfo): UserInfo {
  const keys = Object.keys(user.extra ?? {}).sort();
  return { ...user, extra: { 'authentication.kubernetes.io/associated-node-keys': keys } };
}

/** So many values of one kind, and one check for all of them comes first. */
const manyValues = 4;

function checksOf(wanted: WantedUser, user: UserInfo, verb: string, group: string): Check[] {
  const isConstrained = group !== '';
  const ask = (resource: string, name: string, rest: Partial<AuthorizationAttributes> = {}) => ({
    attributes: { ...blank, user, verb, group: authenticationGroup, version: 'v1', resource, name, ...rest },
  });
  const account = accountOf(wanted.name);
  const node = isConstrained ? nodeOf(wanted.name) : undefined;
  const checks: Check[] = [];
  if (account) checks.push(ask('serviceaccounts', account.name, { group, namespace: account.namespace }));
  else if (node === undefined) checks.push(ask('users', wanted.name, { group }));
  else checks.push(ask('nodes', verb.endsWith(associatedNode) ? '*' : node, { group }));
  if (wanted.uid !== '') checks.push(ask('uids', wanted.uid));
  const groups = wanted.groups.map((name) => ask('groups', name, { group }));
  const extra = Object.entries(wanted.extra).flatMap(([subresource, values]) =>
    values.map((name) => ask('userextras', name, { subresource })),
  );
  if (!isConstrained) return [...checks, ...groups, ...extra];
  const groupProblem = problemOfGroups(wanted.groups);
  if (groupProblem) checks.push({ ...ask('groups', groupProblem.name, { group }), never: groupProblem.why });
  if (groups.length >= manyValues) checks.push({ ...ask('groups', '*', { group }), isForAll: groups.length });
  checks.push(...groups);
  const extraProblem = problemOfExtra(wanted.extra);
  if (extraProblem) checks.push({ ...ask('userextras', ''), never: extraProblem });
  if (extra.length >= manyValues) {
    checks.push({ ...ask('userextras', '*', { subresource: '*' }), isForAll: extra.length });
  }
  return [...checks, ...extra];
}

const blank = { isResource: true, path: '', subresource: '', namespace: '' };

function problemOfGroups(groups: readonly string[]): { name: string; why: string } | undefined {
  if (groups.includes('')) return { name: '', why: 'impersonating the empty string group is not allowed' };
  if (!groups.includes(groupMasters)) return undefined;
  return { name: groupMasters, why: 'impersonating the system:masters group is not allowed' };
}

function problemOfExtra(extra: WantedUser['extra']): string | undefined {
  for (const [key, values] of Object.entries(extra)) {
    if (key === '') return 'impersonating the empty string key in extra is not allowed';
    if (key !== key.toLowerCase()) {
      return `impersonating a non-lowercase key in extra is not allowed: ${JSON.stringify(key)}`;
    }
    if (values.includes('')) return 'impersonating the empty string value in extra is not allowed';
  }
  return undefined;
}

function impersonated(wanted: WantedUser, isConstrained: boolean): UserInfo {
  const { name, uid, extra } = wanted;
  const groups = [...ownGroups(wanted, isConstrained)];
  const add = (group: string) => groups.includes(group) || groups.push(group);
  if (name === anonymous.name) add(groupUnauthenticated);
  else if (!groups.includes(groupUnauthenticated)) add(groupAuthenticated);
  return {
    name,
    groups,
    ...(uid ? { uid } : {}),
    ...(Object.keys(extra).length > 0 ? { extra: { ...extra } } : {}),
  };
}

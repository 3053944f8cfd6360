/**
 * Fills the rules of aggregated ClusterRoles (admin, edit, view) with those of the roles their selectors
 * match.
 *
 * Reads and writes ClusterRoles. Follows upstream's clusterrole-aggregation-controller: rules in the order of
 * the roles' names, each once.
 */

import { clusterRoles } from '#api/generated/kinds.gen.ts';
import type { ClusterRole, PolicyRule } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { selectorFromLabelSelector } from '#api/selectors/selector.ts';
import { type ControllerDefinition, defineController } from '#client/controllers/controller.ts';
import type { Action } from '#client/controllers/plan.ts';
import { keyOf } from '#client/controllers/queue-key.ts';
import { watch } from '#client/controllers/watch.ts';

export const clusterRoleAggregation: ControllerDefinition = defineController({
  name: 'clusterrole-aggregation-controller',
  start({ informers }) {
    const roles = informers.for(clusterRoles);
    const aggregated = () => roles.list().filter(({ aggregationRule }) => aggregationRule !== undefined);
    return {
      watches: [
        watch({ type: clusterRoles, filter: ({ aggregationRule }) => aggregationRule !== undefined }),
        // Any role may be part of any aggregated one, and of those there are few.
        watch({ type: clusterRoles, keys: () => aggregated().map(keyOf) }),
      ],
      reconcile(name) {
        const role = roles.get(undefined, name);
        return { actions: role ? aggregate(role, roles.list()) : [] };
      },
    };
  },
});

export function aggregate(role: Stored<ClusterRole>, all: readonly Stored<ClusterRole>[]): Action[] {
  if (!role.aggregationRule || role.metadata.deletionTimestamp) return [];
  const rules = aggregatedRules(role, all);
  if (JSON.stringify(rules) === JSON.stringify(role.rules ?? [])) return [];
  return [{ do: 'update', type: clusterRoles, object: { ...role, rules } }];
}

function aggregatedRules(role: Stored<ClusterRole>, all: readonly Stored<ClusterRole>[]): PolicyRule[] {
  const selectors = (role.aggregationRule?.clusterRoleSelectors ?? []).map(selectorFromLabelSelector);
  const rules = new Map<string, PolicyRule>();
  for (const selector of selectors) {
    const parts = all
      .filter(({ metadata }) => metadata.name !== role.metadata.name)
      .filter(({ metadata }) => selector.matches(metadata.labels ?? {}))
      .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
    for (const rule of parts.flatMap((part) => part.rules ?? [])) rules.set(JSON.stringify(rule), rule);
  }
  return [...rules.values()];
}

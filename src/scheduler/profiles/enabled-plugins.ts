/**
 * The plugins of a profile, each with the steps only at which it is enabled. A plugin may come several times, once for
 * each kind of step, because every extension point has an order of its own.
 */

import { knownPlugins } from '#api/configuration/scheduler/known-plugins.ts';
import type { EnabledPlugins } from '#api/configuration/scheduler/plugin-sets.ts';
import { type EventHint, Rejection, type SchedulerPlugin } from '../framework.ts';

type Step = Omit<SchedulerPlugin, 'name' | 'hints'>;

export function enabledOf(
  all: readonly SchedulerPlugin[],
  enabled: EnabledPlugins,
): readonly SchedulerPlugin[] {
  const byName = new Map(all.map((plugin) => [plugin.name, plugin]));
  const hinted = new Set<string>();
  const hintsOnce = ({ name, hints = [] }: SchedulerPlugin): readonly EventHint[] => {
    const first = !hinted.has(name);
    hinted.add(name);
    return first ? hints : [];
  };
  const steps = (names: readonly string[], stepOf: (plugin: SchedulerPlugin) => Step | undefined) =>
    names.flatMap((name) => {
      const plugin = byName.get(name);
      const step = plugin && stepOf(plugin);
      return step ? [{ name, hints: hintsOnce(plugin), ...step }] : [];
    });
  const { preEnqueue, postFilter, score, weights } = enabled;
  return [
    ...steps(preEnqueue, (plugin) => plugin.preEnqueue && { preEnqueue: plugin.preEnqueue }),
    ...steps(filterOrder(enabled), (plugin) => filterStep(plugin, enabled)),
    ...steps(postFilter, (plugin) => plugin.postFilter && { postFilter: plugin.postFilter }),
    ...steps(score, ({ name, preScore }) => preScore && { preScore, weight: weights.get(name) ?? 1 }),
  ];
}

/** That of the filters; a plugin without one comes after them. */
function filterOrder({ filter, preFilter }: EnabledPlugins): string[] {
  return [...new Set([...filter, ...preFilter])];
}

function filterStep(plugin: SchedulerPlugin, { filter, reserve }: EnabledPlugins): Step | undefined {
  const { name, preFilter } = plugin;
  if (!preFilter) return undefined;
  const filters = filter.includes(name);
  const reserves = reserve.includes(name) || !knownPlugins[name]?.points.includes('reserve');
  if (filters && reserves) return { preFilter };
  return {
    preFilter(pod, view) {
      const filtering = preFilter(pod, view);
      if (!filtering || filtering instanceof Rejection) return filtering;
      return {
        ...(filtering.nodeNames ? { nodeNames: filtering.nodeNames } : {}),
        ...(filters ? { filter: (node) => filtering.filter?.(node) } : {}),
        ...(reserves ? { reserve: (node) => filtering.reserve?.(node) } : {}),
        addPod: (other, node) => filtering.addPod?.(other, node),
        removePod: (other, node) => filtering.removePod?.(other, node),
      };
    },
  };
}

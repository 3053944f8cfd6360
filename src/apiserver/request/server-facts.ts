/** Metrics that are looked up when they are read: what this server is, and how much it stores. */

import { Gauge, type Registry } from 'prom-client';
import type { FeatureGates } from '#api/configuration/feature-gates.ts';
import { featureGates } from '#api/configuration/known-feature-gates.ts';
import { gauge, type Reading } from '#base/metrics/metric.ts';
import { buildFacts, kubernetesMinorVersion, kubernetesVersion } from '#base/version.ts';
import { registerMetrics } from '../contract/register-metrics.ts';

export interface ServerFacts {
  /** How many objects are stored, by `resource.group`. */
  objects(): ReadonlyMap<string, number>;
  /** The size of the file, or of what a store in memory holds. */
  storedBytes(): number | Promise<number>;
  /** The gates that are set. */
  readonly featureGates?: FeatureGates | undefined;
}

export function registerServerFacts(registry: Registry, facts: ServerFacts): void {
  registerMetrics(registry, [
    gauge('kubernetes_build_info', 'The version of Kubernetes, and the build of this program.', buildInfo),
    gauge('kubernetes_feature_enabled', 'Feature gates, with 1 for those that are on.', () =>
      gateReadings(facts.featureGates),
    ),
    gauge('apiserver_storage_objects', 'Objects stored, by resource.', () =>
      [...facts.objects()].map(([resource, count]): Reading => [{ resource }, count]),
    ),
    gauge('apiserver_resource_objects', 'Objects stored, by group and resource.', () =>
      [...facts.objects()].map(([name, count]): Reading => [namesIn(name), count]),
    ),
  ]);
  new Gauge({
    name: 'apiserver_storage_size_bytes',
    help: 'The size of the store.',
    labelNames: ['storage_cluster_id'],
    registers: [registry],
    async collect() {
      this.set({ storage_cluster_id: 'etcd-0' }, await facts.storedBytes());
    },
  });
}

function buildInfo(): readonly Reading[] {
  const build = {
    build_date: buildFacts.date,
    compiler: 'none',
    git_commit: buildFacts.commit,
    git_tree_state: buildFacts.treeState,
    git_version: kubernetesVersion,
    go_version: `node${process.version.slice(1)}`,
    major: '1',
    minor: kubernetesMinorVersion.slice('1.'.length),
    platform: process.platform,
  };
  return [[build, 1]];
}

function gateReadings(set: FeatureGates | undefined): readonly Reading[] {
  const switched = new Map(Object.entries(set ?? {}));
  return featureGates.map(({ name, stage, isOnByDefault }) => [
    { name, stage },
    (switched.get(name) ?? isOnByDefault) ? 1 : 0,
  ]);
}

function namesIn(name: string): { group: string; resource: string } {
  const [resource = '', ...group] = name.split('.');
  return { group: group.join('.'), resource };
}

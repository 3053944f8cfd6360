/** Metrics that are looked up when they are read: what this server is, and how much it stores. */

import { Gauge, type Registry } from 'prom-client';
import { buildFacts, kubernetesMinorVersion, kubernetesVersion } from '#base/version.ts';

export interface ServerFacts {
  /** How many objects are stored, by `resource.group`. */
  objects(): ReadonlyMap<string, number>;
  /** The size of the file, or of what a store in memory holds. */
  storedBytes(): number | Promise<number>;
}

export function registerServerFacts(registry: Registry, facts: ServerFacts): void {
  const registers = [registry];
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
  const help = 'The version of Kubernetes, and the build of this program.';
  new Gauge({ name: 'kubernetes_build_info', help, labelNames: Object.keys(build), registers }).set(build, 1);
  new Gauge({
    name: 'apiserver_storage_objects',
    help: 'Objects stored, by resource.',
    labelNames: ['resource'],
    registers,
    collect() {
      // A resource that is no longer served has no series.
      this.reset();
      for (const [resource, count] of facts.objects()) this.set({ resource }, count);
    },
  });
  new Gauge({
    name: 'apiserver_resource_objects',
    help: 'Objects stored, by group and resource.',
    labelNames: ['group', 'resource'],
    registers,
    collect() {
      this.reset();
      for (const [name, count] of facts.objects()) this.set(namesIn(name), count);
    },
  });
  new Gauge({
    name: 'apiserver_storage_size_bytes',
    help: 'The size of the store.',
    labelNames: ['storage_cluster_id'],
    registers,
    async collect() {
      this.set({ storage_cluster_id: 'etcd-0' }, await facts.storedBytes());
    },
  });
}

function namesIn(name: string): { group: string; resource: string } {
  const [resource = '', ...group] = name.split('.');
  return { group: group.join('.'), resource };
}

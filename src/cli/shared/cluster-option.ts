/** The `--name` option of the commands about one cluster, and the cluster it names. */

import { Option } from 'commander';
import { type ClusterConfig, clusterPaths, isClusterName, readConfig } from '#host/home/cluster-home.ts';
import { Problem } from './problem.ts';

export function nameOption(): Option {
  return new Option('--name <name>', 'name of the cluster').default('default').argParser(clusterName);
}

function clusterName(text: string): string {
  if (isClusterName(text)) return text;
  throw new Problem(
    `"${text}" is no cluster name`,
    "lower-case letters, digits and '-' between them, at most 32 characters",
  );
}

/** Config of an existing cluster. */
export function configOf(name: string): ClusterConfig {
  return readConfig(clusterPaths(name)) ?? noCluster(name);
}

export function noCluster(name: string): never {
  throw new Problem(`there is no cluster ${name}`, 'kybern list shows those there are');
}

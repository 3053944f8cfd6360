/** What a cluster is started with, and the same with every default filled in. */

import type { ClusterConfiguration } from '#api/configuration/cluster-configuration.ts';
import type { Env } from '#base/env.ts';
import { simulatedRanges } from '#base/net/ranges.ts';
import type { ClusterConfig, ClusterPaths } from '#host/home/cluster-home.ts';
import type { PkiStore } from '#pki/pki.ts';
import type { StepListener } from './process/steps.ts';
import type { StartedParts } from './started-parts.ts';

/** A cluster whose nodes on this machine are on a link. */
export interface LinkedCluster {
  readonly config: ClusterConfig;
  /** Path of kybern's main file, which is started for each node. */
  readonly program: string;
}

export interface ClusterOptions {
  /** The kinds of the Gateway API are installed, and Gateways served beside the real node. Default false. */
  readonly gateway?: boolean;
  /** Default `default`. */
  readonly name?: string;
  /** Time, chance and log; default the machine's, silent. */
  readonly env?: Env;
  /** `memory`, or the path of a SQLite file. Default memory. */
  readonly store?: 'memory' | { readonly sqlite: string };
  /** Start with the remaining data although the store has lost some. Default false. */
  readonly acceptLoss?: boolean;
  /** Where certificates are kept. Default memory. */
  readonly pkiStore?: PkiStore;
  /**
   * Identity of this control plane in leader elections; default a new one. Must differ from any other on the
   * same store.
   */
  readonly identity?: string;
  /** Default 127.0.0.1, a free port. */
  readonly listen?: { readonly host: string; readonly port: number };
  /** Default 10.244.0.0/16, or 10.128.0.0/9 for more than 250 nodes. */
  readonly podRange?: string;
  /** Default `service-cluster-ip-range` of the configuration, or 10.96.0.0/16. */
  readonly serviceRange?: string;
  /** Each component has its own caches and watches, as in a process of its own. Default false. */
  readonly separateReaders?: boolean;
  /** As `kybern up --config` reads it from a file. Default: as an empty file has it. */
  readonly configuration?: ClusterConfiguration;
  /** Resources that the cluster's own key encrypts at rest: `widgets.example.com`. Default `secrets`. */
  readonly encrypt?: readonly string[];
  /** Default none. */
  readonly simulatedNodes?: number;
  /** A node with real containers on this machine, and where its files are. */
  readonly realNode?: {
    readonly paths: ClusterPaths;
    /** One of the machine's, where the API listens too. Default: one of the pod bridge alone. */
    readonly address?: string;
    readonly bridge: string;
    readonly table: string;
    /** Of load balancers' addresses. Default: Services of type LoadBalancer wait for another controller. */
    readonly balancerRange?: string;
    /** Where volumes of claims lie. Default: with the node's other files. */
    readonly storageDir?: string;
    readonly ownPodNetwork?: boolean;
    /** Bridge of other nodes on this machine, which need not be there. */
    readonly link?: string;
    /** For nodes besides it. */
    readonly linked?: LinkedCluster;
  };
  readonly listener?: StepListener;
}

/** What the steps of a start work with. */
export interface Settings extends ClusterOptions {
  readonly env: Env;
  readonly parts: StartedParts;
  readonly podRange: string;
  readonly serviceRange: string;
  readonly simulatedNodes: number;
}

export function settingsOf(options: ClusterOptions, env: Env, parts: StartedParts): Settings {
  const { simulatedNodes = 0 } = options;
  const ranges = simulatedRanges(simulatedNodes);
  const services = options.configuration?.arguments['service-cluster-ip-range'] ?? ranges.services;
  const { podRange = ranges.pods, serviceRange = services } = options;
  return { ...options, env, parts, podRange, serviceRange, simulatedNodes };
}

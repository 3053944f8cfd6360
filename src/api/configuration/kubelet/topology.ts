/** How the node aligns processors, memory and devices to its NUMA nodes: `topologyManagerPolicy` and its relatives. */

import { ConfigurationError } from '../error.ts';
import { isTrueText } from './flag-text.ts';

const policies = ['none', 'best-effort', 'restricted', 'single-numa-node'] as const;
export type TopologyPolicy = (typeof policies)[number];

export interface TopologySettings {
  readonly policy: TopologyPolicy;
  readonly scope: 'container' | 'pod';
  readonly prefersClosest: boolean;
  /** A machine with more NUMA nodes is refused: every combination of them is looked at. */
  readonly numaNodesMax: number;
}

export interface TopologyFields {
  readonly topologyManagerPolicy?: string;
  readonly topologyManagerScope?: string;
  readonly topologyManagerPolicyOptions?: Readonly<Record<string, string>>;
}

const defaultNodesMax = 8;

/** Throws `ConfigurationError`, with upstream's words. */
export function readTopologySettings(fields: TopologyFields): TopologySettings {
  const policy = fields.topologyManagerPolicy ?? 'none';
  const scope = fields.topologyManagerScope ?? 'container';
  if (!isPolicy(policy)) {
    throw invalid(
      `invalid configuration: topologyManagerPolicy (--topology-manager-policy) ${JSON.stringify(policy)} ` +
        `must be one of: [${policies.map((name) => JSON.stringify(name)).join(' ')}]`,
    );
  }
  if (scope !== 'container' && scope !== 'pod') {
    throw invalid(
      `invalid configuration: topologyManagerScope (--topology-manager-scope) ${JSON.stringify(scope)} ` +
        'must be one of: "container", or "pod"',
    );
  }
  const given = fields.topologyManagerPolicyOptions ?? {};
  const known = ['prefer-closest-numa-nodes', 'max-allowable-numa-nodes'];
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown) throw invalid(`unknown Topology Manager Policy option: ${JSON.stringify(unknown)}`);
  const [closest, nodesMax] = known.map((name) => given[name]);
  return {
    policy,
    scope,
    prefersClosest: closest !== undefined && isTrueText('prefer-closest-numa-nodes', closest),
    numaNodesMax: nodesMax === undefined ? defaultNodesMax : readNodesMax(nodesMax),
  };
}

function isPolicy(text: string): text is TopologyPolicy {
  return (policies as readonly string[]).includes(text);
}

function readNodesMax(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) {
    const why = `strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
    throw invalid(`unable to convert policy option to integer "max-allowable-numa-nodes": ${why}`);
  }
  const count = Number(text);
  if (count < defaultNodesMax) {
    throw invalid(
      `the minimum value of "max-allowable-numa-nodes" should not be less than ${defaultNodesMax}`,
    );
  }
  return count;
}

function invalid(message: string): ConfigurationError {
  return new ConfigurationError(`kubelet: ${message}`);
}

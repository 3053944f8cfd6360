/**
 * A NetworkPolicy as it is applied: selectors parsed, ports and IP blocks as numbers. What cannot be read allows
 * nothing, and is reported.
 */

import type {
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicySpec,
} from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { type Selector, selectorFromLabelSelector } from '#api/selectors/selector.ts';
import { errorText } from '#base/text/error-text.ts';
import { type Block, blockOf, isBlock } from './address-range.ts';
import { type Protocol, portsMax, type RulePort } from './ports.ts';

export type Direction = 'ingress' | 'egress';
export const directions: readonly Direction[] = ['ingress', 'egress'];

/** Pods that a rule allows as peers. */
export interface PeerSelector {
  /** The same for equal selections. */
  readonly key: string;
  /** Only pods of this namespace; undefined: of those that `namespaces` selects. */
  readonly namespace: string | undefined;
  readonly namespaces: Selector;
  readonly pods: Selector;
}

/** Traffic with one of the peers to one of the ports. */
export interface Rule {
  /** The same for rules that allow the same. */
  readonly key: string;
  readonly isAnyPeer: boolean;
  readonly selectors: readonly PeerSelector[];
  readonly blocks: readonly Block[];
  /** Undefined: all protocols and ports. */
  readonly ports: readonly RulePort[] | undefined;
}

export interface CompiledPolicy {
  readonly namespace: string;
  readonly pods: Selector;
  /** Absent: the policy does not isolate pods in this direction. */
  readonly rules: Readonly<Partial<Record<Direction, readonly Rule[]>>>;
  /** What in the policy cannot be read; empty for every policy that today's validation lets in. */
  readonly problems: readonly string[];
}

/** Upstream's field names, of both directions. */
interface AnyRule {
  readonly ports?: NetworkPolicyPort[];
  readonly peers: NetworkPolicyPeer[] | undefined;
}

export function compilePolicy({ metadata, spec = {} }: Stored<NetworkPolicy>): CompiledPolicy {
  const { namespace = '' } = metadata;
  const problems: string[] = [];
  const compiler = new RuleCompiler(namespace, problems);
  const ingress = (spec.ingress ?? []).map(({ ports, from }) => ({ ports: ports ?? [], peers: from }));
  const egress = (spec.egress ?? []).map(({ ports, to }) => ({ ports: ports ?? [], peers: to }));
  return {
    namespace,
    pods: compiler.selector(spec.podSelector ?? {}, 'spec.podSelector'),
    rules: {
      ...(isolates(spec, 'Ingress') ? { ingress: compiler.rules(ingress, 'ingress', 'from') } : {}),
      ...(isolates(spec, 'Egress') ? { egress: compiler.rules(egress, 'egress', 'to') } : {}),
    },
    problems,
  };
}

/** Without types: for ingress, and for egress when there are egress rules. */
function isolates({ policyTypes, egress }: NetworkPolicySpec, type: 'Ingress' | 'Egress'): boolean {
  if (policyTypes?.length) return policyTypes.includes(type);
  return type === 'Ingress' || (egress?.length ?? 0) > 0;
}

class RuleCompiler {
  readonly #namespace: string;
  readonly #problems: string[];

  constructor(namespace: string, problems: string[]) {
    this.#namespace = namespace;
    this.#problems = problems;
  }

  rules(rules: readonly AnyRule[], direction: Direction, peersField: string): Rule[] {
    return rules.map((rule, i) => this.#rule(rule, `spec.${direction}[${i}].${peersField}`));
  }

  selector(labels: NonNullable<NetworkPolicyPeer['podSelector']>, path: string): Selector {
    try {
      return selectorFromLabelSelector(labels);
    } catch (error) {
      this.#problems.push(`${path}: ${errorText(error)}`);
      return selectorFromLabelSelector(undefined);
    }
  }

  #rule({ ports = [], peers = [] }: AnyRule, path: string): Rule {
    const selectors: PeerSelector[] = [];
    const blocks: Block[] = [];
    for (const [i, peer] of peers.entries()) {
      const { ipBlock } = peer;
      if (!ipBlock) {
        selectors.push(this.#peer(peer, `${path}[${i}]`));
        continue;
      }
      const block = blockOf(ipBlock.cidr, ipBlock.except ?? []);
      if (isBlock(block)) blocks.push(block);
      else
        this.#problems.push(
          `${path}[${i}].ipBlock.${block.field}: Invalid value: ${JSON.stringify(block.value)}`,
        );
    }
    const rule = {
      isAnyPeer: peers.length === 0,
      selectors,
      blocks,
      ports: ports.length === 0 ? undefined : ports.map(rulePort),
    };
    return { ...rule, key: keyOf(rule) };
  }

  #peer({ namespaceSelector, podSelector }: NetworkPolicyPeer, path: string): PeerSelector {
    const namespace = namespaceSelector ? undefined : this.#namespace;
    const namespaces = this.selector(namespaceSelector ?? {}, `${path}.namespaceSelector`);
    const pods = this.selector(podSelector ?? {}, `${path}.podSelector`);
    const key = JSON.stringify([namespace ?? null, selectorKey(namespaces), selectorKey(pods)]);
    return { key, namespace, namespaces, pods };
  }
}

/** Null: it selects nothing. */
function selectorKey(selector: Selector): string | null {
  return selector.matchesEverything ? '' : selector.toString() || null;
}

function rulePort({ protocol = 'TCP', port, endPort }: NetworkPolicyPort): RulePort {
  const name = protocol.toLowerCase() as Protocol;
  if (port === undefined) return { protocol: name, from: 0, to: portsMax };
  if (typeof port === 'string') return { protocol: name, name: port };
  return { protocol: name, from: port, to: endPort ?? port };
}

function keyOf({ isAnyPeer, selectors, blocks, ports }: Omit<Rule, 'key'>): string {
  const ranges = blocks.map(({ family, ranges: own }) => [
    family,
    ...own.map(({ from, to }) => `${from}-${to}`),
  ]);
  return JSON.stringify([isAnyPeer, selectors.map(({ key }) => key).sort(), ranges, ports ?? null]);
}

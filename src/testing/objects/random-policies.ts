/** For tests: changes of policies, pods and namespaces in an order that a seed decides. */

import type { NetworkPolicy, Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { policyOf, policyPod } from './network-policies.ts';

/** What takes the changes. */
export interface ChangedModel {
  setPolicy(policy: Stored<NetworkPolicy>): unknown;
  deletePolicy(namespace: string, name: string): void;
  setPod(pod: Stored<Pod>): void;
  deletePod(namespace: string, name: string): void;
  setNamespace(name: string, labels: Record<string, string>): void;
}

export type PolicyChange = (model: ChangedModel) => void;

export class RandomPolicyChanges {
  readonly #random: () => number;
  readonly #latest = new Map<string, PolicyChange>();

  constructor(seed: number) {
    this.#random = seeded(seed);
  }

  next(): PolicyChange {
    const number = Math.floor(this.#random() * 8);
    const pick: Pick = (items) => items[Math.floor(this.#random() * items.length)]!;
    const [key, change] = pick([randomPod, randomPolicy, randomNamespace])(number, pick);
    this.#latest.delete(key);
    this.#latest.set(key, change);
    return change;
  }

  /** The last change of each object, in their order. */
  latest(): Iterable<PolicyChange> {
    return this.#latest.values();
  }
}

const clients = { podSelector: { matchLabels: { app: 'client' } } };
const tcp = (port: number | string, endPort?: number) => ({
  protocol: 'TCP',
  port,
  ...(endPort ? { endPort } : {}),
});

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

type Pick = <T>(items: readonly T[]) => T;
type Change = [key: string, apply: PolicyChange];

function randomPod(number: number, pick: Pick): Change {
  const namespace = number < 5 ? 'default' : 'other';
  if (pick([true, false, false])) {
    return [`pod ${number}`, (model) => model.deletePod(namespace, `pod-${number}`)];
  }
  const traits = {
    namespace,
    node: pick(['n1', 'n2']),
    labels: { app: pick(['web', 'client', 'else']) },
    ports: pick<Record<string, number>>([{}, { http: 80 }, { http: 8080 }]),
  };
  const pod = policyPod(`pod-${number}`, `10.244.0.${10 + number}`, traits);
  return [`pod ${number}`, (model) => model.setPod(pod)];
}

function randomPolicy(number: number, pick: Pick): Change {
  if (pick([true, false, false])) {
    return [`policy ${number}`, (model) => model.deletePolicy('default', `p${number}`)];
  }
  const peer = () =>
    pick([
      clients,
      { namespaceSelector: {} },
      { namespaceSelector: { matchLabels: { team: 'b' } } },
      { ipBlock: { cidr: '10.244.0.0/28', except: ['10.244.0.12/31'] } },
      { ipBlock: { cidr: '10.244.0.8/29' } },
    ]);
  const ports = () => pick([[], [tcp(80)], [tcp('http')], [tcp(1, 90), tcp(443)]]);
  const spec = {
    podSelector: pick([{}, { matchLabels: { app: 'web' } }]),
    policyTypes: pick([['Ingress'], ['Egress'], ['Ingress', 'Egress']]),
    ingress: pick([
      [],
      [{ from: [peer(), peer()], ports: ports() }],
      [{ ports: ports() }, { from: [peer()] }],
    ]),
    egress: pick([[], [{ to: [peer()], ports: ports() }], [{ ports: [tcp('http')] }]]),
  };
  return [`policy ${number}`, (model) => void model.setPolicy(policyOf(`p${number}`, spec))];
}

function randomNamespace(number: number, pick: Pick): Change {
  const name = number < 4 ? 'default' : 'other';
  const labels = { team: pick(['a', 'b']) };
  return [`namespace ${name}`, (model) => model.setNamespace(name, labels)];
}

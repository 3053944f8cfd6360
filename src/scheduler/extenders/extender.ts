/**
 * An extender: a program outside the scheduler that filters and scores nodes, objects to preemptions, or binds pods, over
 * HTTP. It is sent one request at a time for a pod, each with the time limit of its configuration; its answers are
 * bounded, and checked against the nodes and pods that it was asked about. Follows upstream's `pkg/scheduler/extender.go`.
 */

import type { SchedulerExtender } from '#api/configuration/scheduler/extenders.ts';
import { goQuoted } from '#wire/json/go-values.ts';
import type { ClusterView } from '../cache/cluster-view.ts';
import type { NodeInfo } from '../cache/node-info.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import { moreImportant } from '../cycle/candidates.ts';
import { type PreemptionCandidate, Rejection } from '../framework.ts';
import { readBindingError, readFilterAnswer, readScores, readVictims } from './answers.ts';
import { bindingBody, nodesBody, victimsBody } from './bodies.ts';

/**
 * Posts JSON to a URL of an extender. Rejects with the message of Go's HTTP client when no whole answer came within the
 * extender's limits.
 */
export type PostToExtender = (
  extender: SchedulerExtender,
  url: string,
  body: string,
) => Promise<{ readonly status: number; readonly body: Uint8Array }>;

/** In `rejectedBy` of a pod that an extender rejected; upstream's name. */
export const extenderName = 'Extender';

/** Scores of extenders are from 0 to 10, those of plugins from 0 to 100. */
const scoreScale = 10n;

export interface Filtered {
  readonly nodes: readonly NodeInfo[];
  readonly rejections: ReadonlyMap<NodeInfo, Rejection>;
}

export class Extender {
  readonly #settings: SchedulerExtender;
  readonly #post: PostToExtender;

  constructor(settings: SchedulerExtender, post: PostToExtender) {
    this.#settings = settings;
    this.#post = post;
  }

  get name(): string {
    return this.#settings.urlPrefix;
  }

  get isIgnorable(): boolean {
    return this.#settings.ignorable;
  }

  get filters(): boolean {
    return this.#settings.filterVerb !== '';
  }

  get scores(): boolean {
    return this.#settings.prioritizeVerb !== '';
  }

  get binds(): boolean {
    return this.#settings.bindVerb !== '';
  }

  get preempts(): boolean {
    return this.#settings.preemptVerb !== '';
  }

  /** Without managed resources every pod is its business. */
  isInterestedIn({ pod }: PodInfo): boolean {
    const { managedResources } = this.#settings;
    if (managedResources.length === 0) return true;
    const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
    return containers.some(({ resources = {} }) =>
      managedResources.some(
        (name) =>
          Object.hasOwn(resources.requests ?? {}, name) || Object.hasOwn(resources.limits ?? {}, name),
      ),
    );
  }

  /** Throws the error of the extender, of the way to it, or of an answer that names other nodes. */
  async filter(pod: PodInfo, nodes: readonly NodeInfo[], view: ClusterView): Promise<Filtered> {
    const { nodeCacheCapable, filterVerb } = this.#settings;
    const answer = await this.#send(filterVerb, nodesBody(pod, nodes, nodeCacheCapable));
    const { nodes: names = [], failed, unresolvable, error } = readFilterAnswer(answer, nodeCacheCapable);
    if (error !== '') throw new Error(error);
    const known = new Map(nodes.map((node) => [node.name, node]));
    const passed = new Set(names.map((name) => known.get(name) ?? this.#unknownNode(name)));
    const rejections = new Map<NodeInfo, Rejection>();
    const reject = (reasons: ReadonlyMap<string, string>, isUnresolvable: boolean) => {
      for (const [name, reason] of reasons) {
        const node = view.node(name);
        if (node) rejections.set(node, new Rejection(extenderName, [reason], isUnresolvable));
      }
    };
    reject(failed, false);
    reject(unresolvable, true);
    return { nodes: [...passed], rejections };
  }

  /** What to add to the totals of the nodes, by their names. Throws when there is no valid answer. */
  async score(pod: PodInfo, nodes: readonly NodeInfo[]): Promise<ReadonlyMap<string, number>> {
    const { nodeCacheCapable, prioritizeVerb, weight } = this.#settings;
    const answer = await this.#send(prioritizeVerb, nodesBody(pod, nodes, nodeCacheCapable));
    const added = new Map<string, number>();
    for (const { host, score } of readScores(answer)) {
      // Upstream's integers have 64 bits, and overflow.
      const scaled = Number(BigInt.asIntN(64, BigInt(score) * BigInt(weight) * scoreScale));
      added.set(host, (added.get(host) ?? 0) + scaled);
    }
    return added;
  }

  /** The candidates that the extender leaves, with its victims. Throws also when it names pods that are not there. */
  async preempt(
    pod: PodInfo,
    candidates: readonly PreemptionCandidate[],
    view: ClusterView,
  ): Promise<PreemptionCandidate[]> {
    const { nodeCacheCapable, preemptVerb } = this.#settings;
    const answer = readVictims(await this.#send(preemptVerb, victimsBody(pod, candidates, nodeCacheCapable)));
    return [...answer].flatMap(([name, { uids, brokenBudgets }]) => {
      const node = view.node(name);
      if (!node) throw new Error(`nodeinfo not found for node name ${goQuoted(name)}`);
      const victims = uids.map((uid) => this.#podOn(node, uid)).sort(moreImportant);
      if (victims.length > 0) return [{ node, victims, brokenBudgets }];
      if (this.isIgnorable) return [];
      throw new Error(`expected at least one victim pod on node ${goQuoted(name)}`);
    });
  }

  /** Throws what the extender says went wrong. */
  async bind(pod: PodInfo, node: string): Promise<void> {
    const error = readBindingError(await this.#send(this.#settings.bindVerb, bindingBody(pod, node)));
    if (error !== '') throw new Error(error);
  }

  async #send(verb: string, body: string): Promise<Uint8Array> {
    const url = `${this.name.replace(/\/+$/, '')}/${verb}`;
    const answer = await this.#post(this.#settings, url, body);
    if (answer.status === 200) return answer.body;
    throw new Error(`failed ${verb} with extender at URL ${url}, code ${answer.status}`);
  }

  /** Upstream goes on with a node that it was sent nothing about, when nodes are answered instead of names. */
  #unknownNode(name: string): never {
    throw new Error(
      `extender ${goQuoted(this.name)} claims a filtered node ${goQuoted(name)} which is not found in the input node list`,
    );
  }

  #podOn(node: NodeInfo, uid: string): PodInfo {
    for (const pod of node.pods.values()) if (pod.uid === uid) return pod;
    throw new Error(
      `extender: ${this.name} claims to preempt pod (UID: &{${uid}}) on node: ${node.name}, but the pod is not found on that node`,
    );
  }
}

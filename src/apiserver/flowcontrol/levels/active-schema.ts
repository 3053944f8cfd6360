/** A FlowSchema in force: its compiled rules, and the flows that it distinguishes. */

import type { FlowSchema } from '#api/generated/types.gen.ts';
import type { UserInfo } from '#api/meta/user.ts';
import type { RequestInfo } from '../../contract/request-info.ts';
import type { SchemaSeries } from '../metrics/schema-series.ts';
import { deal, hashFlow } from '../queues/dealer.ts';
import { ThreadFlow } from '../thread-flow.ts';
import { type FlowRules, flowRules } from './flow-rules.ts';
import type { PriorityLevel } from './priority-level.ts';

/** The requests of one user, or in one namespace. */
export class Flow extends ThreadFlow {
  readonly distinguisher: string;
  /** Indices of the queues that the flow may use. */
  readonly hand: readonly number[];

  constructor(distinguisher: string, hand: readonly number[]) {
    super();
    this.distinguisher = distinguisher;
    this.hand = hand;
  }
}

/** Flows kept per schema: hashing a flow costs more than the rest of a request's classification. */
const flowsMax = 10_000;
const onlyQueue = [0];

export class ActiveSchema {
  readonly name: string;
  readonly uid: string;
  readonly level: PriorityLevel;
  readonly series: SchemaSeries;
  readonly matches: FlowRules;
  readonly #distinguishes: 'ByUser' | 'ByNamespace' | undefined;
  readonly #flows = new Map<string, Flow>();

  constructor({ metadata, spec }: FlowSchema, level: PriorityLevel, series: SchemaSeries) {
    this.name = metadata!.name!;
    this.uid = metadata!.uid ?? '';
    this.level = level;
    this.series = series;
    this.matches = flowRules(spec!);
    this.#distinguishes = spec!.distinguisherMethod?.type as 'ByUser' | 'ByNamespace' | undefined;
  }

  flowOf(user: UserInfo, info: RequestInfo): Flow {
    const distinguisher = this.#distinguisherOf(user, info);
    // Without a distinguisher upstream has a single flow; here each user's requests take turns on the thread.
    const key = this.#distinguishes === undefined ? user.name : distinguisher;
    return this.#flows.get(key) ?? this.#begin(key, distinguisher);
  }

  #distinguisherOf(user: UserInfo, info: RequestInfo): string {
    if (this.#distinguishes === undefined) return '';
    return this.#distinguishes === 'ByUser' ? user.name : info.namespace;
  }

  #begin(key: string, distinguisher: string): Flow {
    const { queues, handSize } = this.level.queuing;
    const hand = queues > 1 ? deal(hashFlow(this.name, distinguisher), queues, handSize) : onlyQueue;
    const flow = new Flow(distinguisher, hand);
    if (this.#flows.size >= flowsMax) this.#flows.clear();
    this.#flows.set(key, flow);
    return flow;
  }
}

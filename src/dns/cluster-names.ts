/** Responses for names of the cluster; names of other zones are left to the caller. */

import type { Clock } from '#base/clock.ts';
import { types } from './message/codes.ts';
import { labelsOfKey, type Query } from './message/query.ts';
import { joinRecords, writeReply } from './message/reply.ts';
import { type ReadyAnswer, ReadyAnswers, readyAnswer } from './zone/ready-answers.ts';
import { type DnsRecord, recordBytes } from './zone/record.ts';
import { Zone, type ZoneAnswer, type ZoneOptions } from './zone/zone.ts';

/** A response; an alias to a name outside, to be completed; or undefined: not a name of the cluster. */
export type ClusterAnswer = Buffer | OutsideAlias | undefined;

export interface OutsideAlias {
  readonly target: string;
  /** With the records of the target, as bytes, behind the aliases. */
  complete(records: readonly Buffer[]): Buffer;
  /** When the target can't be looked up. */
  withoutTarget(): Buffer;
}

/** As CoreDNS: of an SOA record at most. */
const authorityTtlMax = 300;

export class ClusterNames {
  readonly #clock: Clock;
  readonly #name: string;
  readonly #ttl: number;
  readonly #zone: Zone;
  readonly #ready = new ReadyAnswers();
  /** By the length of the name: answers without a record only differ in where the zone begins. */
  readonly #absent = new Map<number, ReadyAnswer>();
  readonly #empty = new Map<number, ReadyAnswer>();
  #serial: number;
  #turn = 0;

  constructor(clock: Clock, options: ZoneOptions) {
    this.#clock = clock;
    this.#name = options.name;
    this.#ttl = options.ttl;
    this.#zone = new Zone(options);
    this.#serial = this.#now();
  }

  /** `service`: that changed (`namespace/name`); undefined: a namespace did. */
  changed(service: string | undefined): void {
    this.#serial = this.#now();
    this.#absent.clear();
    this.#empty.clear();
    if (service === undefined) this.#ready.clear();
    else this.#ready.drop(service);
  }

  answer(query: Query, limit: number): ClusterAnswer {
    const key = query.key + String.fromCharCode(query.type);
    const ready = this.#ready.get(key);
    if (ready) return writeReply(query, ready, limit, this.#turn++);
    const labels = labelsOfKey(query.key);
    const inside = this.#zone.labelsBeforeZone(labels);
    if (!inside) return this.#reverse(query, labels, limit);
    // A label with a dot would read as two.
    const isName = inside.every((label) => !label.includes('.'));
    const answer = isName ? this.#find(inside, query.type) : undefined;
    if (answer?.outside !== undefined) {
      return this.#alias(query, labels, limit, answer.records, answer.outside);
    }
    const made = answer?.records.length
      ? readyAnswer(answer, labels, undefined)
      : this.#denial(query, labels, answer !== undefined);
    // Answers that follow an alias are made of other services, too; names that do not exist are without number.
    if (answer && made.leading === 0) this.#keep(key, inside, made);
    return writeReply(query, made, limit, this.#turn++);
  }

  #find(inside: readonly string[], type: number): ZoneAnswer {
    if (inside.length === 0 && type === types.SOA) return { records: [this.#authority()], extra: [] };
    return this.#zone.answer(inside, type);
  }

  #denial({ key }: Query, labels: readonly string[], exists: boolean): ReadyAnswer {
    const known = exists ? this.#empty : this.#absent;
    let denial = known.get(key.length);
    if (!denial) {
      denial = readyAnswer(exists ? empty : undefined, labels, this.#authority());
      known.set(key.length, denial);
    }
    return denial;
  }

  #keep(key: string, inside: readonly string[], answer: ReadyAnswer): void {
    const [last, namespace, service] = inside.toReversed();
    if (last === 'svc' && service !== undefined) this.#ready.set(key, answer, `${namespace}/${service}`);
  }

  /** Other names of the reverse zones, and other types, are forwarded. */
  #reverse(query: Query, labels: readonly string[], limit: number): Buffer | undefined {
    if (query.type !== types.PTR) return undefined;
    const records = this.#zone.reverse(labels);
    if (records.length === 0) return undefined;
    return writeReply(query, readyAnswer({ records, extra: [] }, labels, undefined), limit, this.#turn++);
  }

  #alias(
    query: Query,
    labels: readonly string[],
    limit: number,
    records: readonly DnsRecord[],
    target: string,
  ): OutsideAlias {
    const made = readyAnswer({ records, extra: [] }, labels, undefined);
    const aliases = records.map((record) => recordBytes(record, labels));
    return {
      target,
      complete: (further) =>
        writeReply(query, { ...made, answers: joinRecords([...aliases, ...further]) }, limit),
      withoutTarget: () => writeReply(query, this.#denial(query, labels, true), limit),
    };
  }

  #authority(): DnsRecord {
    const ttl = Math.min(this.#ttl, authorityTtlMax);
    return { type: 'SOA', name: this.#name, ttl, serial: this.#serial };
  }

  #now(): number {
    return Math.floor(this.#clock.now() / 1000);
  }
}

const empty = { records: [], extra: [] };

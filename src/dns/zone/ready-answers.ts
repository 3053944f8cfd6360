/**
 * Answers of the zone as bytes, kept until a change of the service or namespace that they are made of: a name that is
 * asked for often costs one look into a map. Bounded: when it is full, it begins again.
 */

import { flags, responseCodes } from '../message/codes.ts';
import { joinRecords, type RecordBytes } from '../message/reply.ts';
import { type DnsRecord, recordBytes } from './record.ts';
import type { Found, ZoneAnswer } from './zone.ts';

export interface ReadyAnswer {
  readonly code: number;
  readonly flags: number;
  readonly answers: RecordBytes;
  readonly authority: RecordBytes;
  readonly additional: RecordBytes;
  readonly leading: number;
}

const answersMax = 10_000;

/** Without records it comes with `authority`, the zone's SOA record. */
export function readyAnswer(
  answer: ZoneAnswer,
  question: readonly string[],
  authority: DnsRecord | undefined,
): ReadyAnswer {
  const { records, extra }: Found = answer ?? { records: [], extra: [] };
  const denial = records.length === 0 && authority ? [recordBytes(authority, question)] : [];
  return {
    code: answer ? responseCodes.noError : responseCodes.nameError,
    flags: flags.authoritativeAnswer | flags.recursionAvailable,
    answers: joinRecords(records.map((record) => recordBytes(record, question))),
    authority: joinRecords(denial),
    additional: joinRecords(extra.map((record) => recordBytes(record, question))),
    leading: records.filter(({ type }) => type === 'CNAME').length,
  };
}

export class ReadyAnswers {
  readonly #answers = new Map<string, ReadyAnswer>();
  /** By service (`namespace/name`), the keys of its answers. */
  readonly #keys = new Map<string, Set<string>>();

  get(key: string): ReadyAnswer | undefined {
    return this.#answers.get(key);
  }

  /** `service`: the one whose change ends the answer. */
  set(key: string, answer: ReadyAnswer, service: string): void {
    if (this.#answers.size >= answersMax) this.clear();
    this.#answers.set(key, answer);
    const keys = this.#keys.get(service);
    if (keys) keys.add(key);
    else this.#keys.set(service, new Set([key]));
  }

  drop(service: string): void {
    for (const key of this.#keys.get(service) ?? []) this.#answers.delete(key);
    this.#keys.delete(service);
  }

  clear(): void {
    this.#answers.clear();
    this.#keys.clear();
  }
}

/** The fields of a message, found by the bytes of their JSON names. */

import type { MessagePlan } from './plan.ts';
import type { PlanRef } from './unions.ts';

export interface NamedField {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly number: number;
  readonly type: PlanRef;
  /** Numbers of the messages around it, outermost first, which JSON does not have. */
  readonly within: readonly number[];
}

export class FieldsByName {
  readonly #byHash = new Map<number, NamedField[]>();
  /** Of `resourceVersion`; 0 where there is none. */
  readonly versionNumber: number;

  constructor(plan: MessagePlan) {
    this.#add(plan, []);
    this.versionNumber = [...plan.fields].find(([, { name }]) => name === 'resourceVersion')?.[0] ?? 0;
  }

  /** `hash` is of the name at `from` to `end`: of each byte, added to the 31-fold of those before. */
  find(hash: number, input: Uint8Array, from: number, end: number): NamedField | undefined {
    const fields = this.#byHash.get(hash);
    if (!fields) return undefined;
    for (const field of fields) if (isName(field.bytes, input, from, end)) return field;
    return undefined;
  }

  #add(plan: MessagePlan, within: readonly number[]): void {
    for (const [number, { name, type }] of plan.fields) {
      const bytes = Buffer.from(name);
      const hash = bytes.reduce((sum, byte) => (Math.imul(sum, 31) + byte) | 0, 0);
      const same = this.#byHash.get(hash) ?? [];
      this.#byHash.set(hash, [...same, { name, bytes, number, type, within }]);
    }
    for (const [number, inner] of plan.inlined) this.#add(inner, [...within, number]);
  }
}

function isName(name: Uint8Array, input: Uint8Array, from: number, end: number): boolean {
  if (name.length !== end - from) return false;
  for (let i = 0; i < name.length; i++) if (name[i] !== input[from + i]) return false;
  return true;
}

/** The protobuf layout of a type: computed once from the schema, used by encoder and decoder. */

import type { FieldDef, Schema } from '../schema/schema.ts';
import { type PlanRef, planType } from './unions.ts';

export interface PlanField extends Pick<FieldDef, 'name' | 'dropsZero'> {
  readonly type: PlanRef;
}

export interface MessagePlan {
  /** By protobuf number. */
  readonly fields: ReadonlyMap<number, PlanField>;
  /** Structs whose fields belong to the outer type in JSON, by protobuf number. */
  readonly inlined: ReadonlyMap<number, MessagePlan>;
}

interface OpenPlan {
  readonly fields: Map<number, PlanField>;
  readonly inlined: Map<number, OpenPlan>;
}

export class Plans {
  readonly #schema: Schema;
  readonly #plans = new Map<string, MessagePlan>();

  constructor(schema: Schema) {
    this.#schema = schema;
  }

  of(typeName: string): MessagePlan {
    let plan = this.#plans.get(typeName);
    if (plan === undefined) {
      plan = planOf(this.#schema, typeName);
      this.#plans.set(typeName, plan);
    }
    return plan;
  }
}

function planOf(schema: Schema, typeName: string): MessagePlan {
  const root: OpenPlan = { fields: new Map(), inlined: new Map() };
  for (const field of schema.type(typeName).fields.values()) {
    if (field.protobuf === undefined) continue;
    let plan = root;
    for (const number of field.within ?? []) {
      const inner: OpenPlan = plan.inlined.get(number) ?? { fields: new Map(), inlined: new Map() };
      plan.inlined.set(number, inner);
      plan = inner;
    }
    plan.fields.set(field.protobuf, { ...field, type: planType(typeName, field) });
  }
  return root;
}

/** A list as a map's value is a message of its own, with the list as field 1. */
export function isWrappedList(ref: PlanRef): ref is PlanRef & { kind: 'list' } {
  return ref.kind === 'list';
}

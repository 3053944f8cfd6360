/** Declarations of functions for the checker and the evaluation: overloads with their code. */

import { type CelType, CelType as CelTypeClass, isDyn, typeParam } from '../types/type.ts';
import { ListValue } from '../values/list.ts';
import { MapValue } from '../values/map.ts';
import { typeOfValue, type Value } from '../values/value.ts';

export interface Overload {
  readonly id: string;
  /** Called as `receiver.name(…)`; the receiver is the first of `args`. */
  readonly isMethod: boolean;
  readonly args: readonly CelType[];
  readonly result: CelType;
  /** Undefined for operators that the evaluation implements itself. Never called with errors. */
  readonly call?: (...args: Value[]) => Value;
  /** The code handles all types of arguments itself, as of operators: no other overload is tried. */
  readonly isGeneric?: boolean;
}

export interface FunctionDeclaration {
  readonly name: string;
  readonly overloads: readonly Overload[];
}

type Call = (...args: never[]) => Value;

/** `call` may rely on the declared types: arguments are checked before it is called. */
const loose = (call: Call) => call as unknown as (...args: Value[]) => Value;

export const overload = (id: string, args: readonly CelType[], result: CelType, call?: Call): Overload => ({
  id,
  isMethod: false,
  args,
  result,
  ...(call === undefined ? {} : { call: loose(call) }),
});

export const method = (id: string, args: readonly CelType[], result: CelType, call?: Call): Overload => ({
  ...overload(id, args, result, call),
  isMethod: true,
});

export const declare = (name: string, ...overloads: readonly Overload[]): FunctionDeclaration => ({
  name,
  overloads,
});

/** A function whose overloads share code that handles all types of arguments itself. */
export const declareGeneric = (
  name: string,
  call: Call,
  ...overloads: readonly Overload[]
): FunctionDeclaration => ({
  name,
  overloads: overloads.map((each) => ({ ...each, call: loose(call), isGeneric: true })),
});

export const a = typeParam('A');
export const b = typeParam('B');

/** Whether a value can be an argument of this type. Of a list or a map only the first element is checked. */
export function acceptsValue(type: CelType, value: Value): boolean {
  if (isDyn(type) || type.kind === 'type_param') return true;
  const actual = typeOfValue(value);
  if (type.kind === 'struct' && value instanceof MapValue) return true;
  if (actual.name !== type.name) return false;
  if (value instanceof ListValue) return value.size === 0 || acceptsValue(type.parameters[0]!, value.get(0));
  if (value instanceof MapValue && type.kind === 'map') return acceptsEntry(type, value);
  return true;
}

function acceptsEntry(type: CelType, map: MapValue): boolean {
  if (map.size === 0) return true;
  const [key = null] = map.keys();
  return acceptsValue(type.parameters[0]!, key) && acceptsValue(type.parameters[1]!, map.find(key) ?? null);
}

export const isTypeValue = (value: Value): value is CelType => value instanceof CelTypeClass;

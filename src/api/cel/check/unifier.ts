/** Unifies types: decides which types are assignable, and binds the free types of an expression. */

import {
  type CelType,
  dynType,
  isDyn,
  isSameType,
  listType,
  mapType,
  opaqueType,
  typeType,
} from '../types/type.ts';

export class Unifier {
  readonly #bound = new Map<string, CelType>();
  /** Earlier bindings of free types, for undoing. */
  readonly #trail: (readonly [name: string, before: CelType | undefined])[] = [];

  /** Whether `from` is assignable to `to`; binds free types as needed. */
  isAssignable(from: CelType, to: CelType): boolean {
    return this.isAssignableList([from], [to]);
  }

  isAssignableList(from: readonly CelType[], to: readonly CelType[]): boolean {
    const mark = this.#trail.length;
    const isAssignable = this.#list(from, to);
    if (!isAssignable) this.#undo(mark);
    else if (mark === 0) this.#trail.length = 0;
    return isAssignable;
  }

  /** The type with bound free types replaced; unbound ones become `dyn` if wanted. */
  substitute(type: CelType, isFreeDyn = false): CelType {
    if (type.kind === 'type_param') {
      const bound = this.#bound.get(type.name);
      if (bound !== undefined) return this.substitute(bound, isFreeDyn);
      return isFreeDyn ? dynType : type;
    }
    if (type.parameters.length === 0 || type.kind === 'struct') return type;
    const parameters = type.parameters.map((parameter) => this.substitute(parameter, isFreeDyn));
    if (parameters.every((parameter, index) => parameter === type.parameters[index])) return type;
    return withParameters(type, parameters);
  }

  #bind(name: string, type: CelType): void {
    this.#trail.push([name, this.#bound.get(name)]);
    this.#bound.set(name, type);
  }

  #undo(mark: number): void {
    while (this.#trail.length > mark) {
      const [name, before] = this.#trail.pop()!;
      if (before === undefined) this.#bound.delete(name);
      else this.#bound.set(name, before);
    }
  }

  #list(from: readonly CelType[], to: readonly CelType[]): boolean {
    return from.length === to.length && from.every((type, index) => this.#one(type, to[index]!));
  }

  #one(from: CelType, to: CelType): boolean {
    if (to.kind === 'type_param') {
      const { isValid, isBound } = this.#canStandFor(from, to);
      if (isValid) return true;
      if (isBound) return false;
    }
    if (from.kind === 'type_param') return this.#canStandFor(to, from).isValid;
    if (isWild(from) || isWild(to)) return true;
    if (from.kind === 'null_type') return isNullable(to);
    if (to.kind === 'null_type') return isNullable(from);
    switch (from.kind) {
      case 'type':
        return to.kind === 'type';
      case 'opaque':
      case 'list':
      case 'map':
        return from.kind === to.kind && from.name === to.name && this.#list(from.parameters, to.parameters);
      default:
        return isSameType(from, to);
    }
  }

  /** Whether the free type `free` is bound to `type`, or may be. */
  #canStandFor(type: CelType, free: CelType): { isValid: boolean; isBound: boolean } {
    if (isSameType(type, free)) return { isValid: true, isBound: true };
    const bound = this.#bound.get(free.name);
    if (bound === undefined) {
      if (this.#occurs(free, type)) return { isValid: false, isBound: false };
      this.#bind(free.name, type);
      return { isValid: true, isBound: false };
    }
    if (isSameType(type, bound)) return { isValid: true, isBound: true };
    if (!this.#one(type, bound)) return { isValid: false, isBound: true };
    const general = mostGeneral(type, bound);
    if (!this.#occurs(free, general)) this.#bind(free.name, general);
    return { isValid: true, isBound: true };
  }

  #occurs(free: CelType, within: CelType): boolean {
    if (isSameType(free, within)) return true;
    if (within.kind === 'type_param') {
      const bound = this.#bound.get(within.name);
      return bound !== undefined && this.#occurs(free, bound);
    }
    return within.parameters.some((parameter) => this.#occurs(free, parameter));
  }
}

function withParameters(type: CelType, parameters: readonly CelType[]): CelType {
  switch (type.kind) {
    case 'list':
      return listType(parameters[0]!);
    case 'map':
      return mapType(parameters[0]!, parameters[1]!);
    case 'type':
      return typeType(parameters[0]);
    default:
      return opaqueType(type.name, ...parameters);
  }
}

const isWild = (type: CelType) => isDyn(type) || type.kind === 'error';

const nullable = new Set(['opaque', 'struct', 'any', 'duration', 'timestamp', 'null_type']);
const isNullable = (type: CelType) => nullable.has(type.kind);

/** The more general of two types that can be unified. */
export const mostGeneral = (first: CelType, second: CelType): CelType =>
  isEqualOrLessSpecific(first, second) ? first : second;

function isEqualOrLessSpecific(first: CelType, second: CelType): boolean {
  if (isDyn(first) || first.kind === 'type_param') return true;
  if (isDyn(second) || second.kind === 'type_param') return false;
  if (first.kind !== second.kind) return false;
  switch (first.kind) {
    case 'type':
      return true;
    case 'opaque':
    case 'list':
    case 'map':
      return (
        first.name === second.name &&
        first.parameters.length === second.parameters.length &&
        first.parameters.every((parameter, index) =>
          isEqualOrLessSpecific(parameter, second.parameters[index]!),
        )
      );
    default:
      return isSameType(first, second);
  }
}

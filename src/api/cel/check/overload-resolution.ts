/** Finds the overloads of a function that accept the types of a call's arguments, and the type of the result. */

import type { Overload } from '../declarations/function.ts';
import { type CelType, dynType, isDyn, isSameType, typeParam } from '../types/type.ts';
import { Unifier } from './unifier.ts';

export interface Resolution {
  /** The overloads that accept the arguments. */
  readonly fitting: readonly Overload[];
  /** `dyn` if the overloads have different results; undefined if no overload fits. */
  readonly result: CelType | undefined;
}

export class OverloadResolution {
  readonly #unifier: Unifier;
  #freeTypes = 0;

  constructor(unifier: Unifier) {
    this.#unifier = unifier;
  }

  /** Binds free types in `args` as the overloads need. */
  resolve(overloads: readonly Overload[], args: readonly CelType[], isMethod: boolean): Resolution {
    const fitting: Overload[] = [];
    let result: CelType | undefined;
    for (const overload of overloads) {
      if (overload.isMethod !== isMethod) continue;
      const type = this.#resultOf(overload, args);
      if (type === undefined) continue;
      fitting.push(overload);
      if (result === undefined) result = type;
      else if (!isDyn(result) && !isSameType(result, type)) result = dynType;
    }
    return { fitting, result };
  }

  /** A new type that any type may be bound to. */
  freeType(): CelType {
    return typeParam(`_var${this.#freeTypes++}`);
  }

  /** The result type, with the overload's type parameters bound by the arguments; undefined if they do not fit. */
  #resultOf(overload: Overload, args: readonly CelType[]): CelType | undefined {
    if (overload.args.length !== args.length) return undefined;
    const fresh = this.#freshTypes();
    const types = overload.args.map((type) => fresh(type));
    if (!this.#unifier.isAssignableList(args, types)) return undefined;
    return this.#unifier.substitute(fresh(overload.result));
  }

  /** Replaces the type parameters of a declaration by free types of this call. */
  #freshTypes(): (type: CelType) => CelType {
    const renamed = new Unifier();
    const seen = new Set<string>();
    const rename = (type: CelType): void => {
      if (type.kind === 'type_param' && !seen.has(type.name)) {
        seen.add(type.name);
        renamed.isAssignable(this.freeType(), type);
      }
      for (const parameter of type.parameters) rename(parameter);
    };
    return (type) => {
      rename(type);
      return renamed.substitute(type);
    };
  }
}

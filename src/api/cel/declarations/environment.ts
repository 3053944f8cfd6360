/** The environment of expressions: variables, types, functions and macros. */

import type { CelEnvironment } from '../contract.ts';
import type { Macro } from '../syntax/macros.ts';
import type { CelType } from '../types/type.ts';
import type { Value } from '../values/value.ts';
import type { FunctionDeclaration, Overload } from './function.ts';

export interface Library {
  readonly functions: readonly FunctionDeclaration[];
  readonly macros?: readonly Macro[];
  /** Types that an expression may name, as in `type(x) == net.IP`. */
  readonly types?: readonly CelType[];
  readonly family?: TypeFamily;
}

/** An unbounded set of types, one for each path: `Object`, `Object.spec`, `Object.spec.template`. */
export interface TypeFamily {
  /** Undefined for a name that is not of the family. */
  find(name: string): CelType | undefined;
  /** The value that `Object.spec{replicas: 3}` makes, of a type that `find` has found. */
  make(type: CelType, fields: ReadonlyMap<string, Value>): Value;
}

interface Parts {
  readonly variables: ReadonlyMap<string, CelType>;
  readonly types: ReadonlyMap<string, CelType>;
  readonly macros: readonly Macro[];
  readonly functions: ReadonlyMap<string, readonly Overload[]>;
  readonly family: TypeFamily | undefined;
}

export class Environment implements CelEnvironment {
  readonly #parts: Parts;

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  static of(...libraries: readonly Library[]): Environment {
    return new Environment({
      variables: new Map(),
      types: named(libraries.flatMap((library) => library.types ?? [])),
      macros: libraries.flatMap((library) => library.macros ?? []),
      functions: functionsOf(libraries),
      family: undefined,
    });
  }

  get variables(): ReadonlyMap<string, CelType> {
    return this.#parts.variables;
  }

  get macros(): readonly Macro[] {
    return this.#parts.macros;
  }

  get family(): TypeFamily | undefined {
    return this.#parts.family;
  }

  /** A copy with these variables and types added. */
  with(variables: Readonly<Record<string, CelType>>, types: readonly CelType[] = []): Environment {
    return new Environment({
      ...this.#parts,
      variables: new Map([...this.variables, ...Object.entries(variables)]),
      types: new Map([...this.#parts.types, ...named(types)]),
    });
  }

  /** A copy with the functions, macros and types of a library added. */
  including(library: Library): Environment {
    return new Environment({
      ...this.#parts,
      macros: [...this.macros, ...(library.macros ?? [])],
      types: new Map([...this.#parts.types, ...named(library.types ?? [])]),
      functions: new Map([...this.#parts.functions, ...functionsOf([library])]),
      family: library.family,
    });
  }

  type(name: string): CelType | undefined {
    return this.#parts.family?.find(name) ?? this.#parts.types.get(name);
  }

  overloads(name: string): readonly Overload[] | undefined {
    return this.#parts.functions.get(name.startsWith('.') ? name.slice(1) : name);
  }
}

function functionsOf(libraries: readonly Library[]): Map<string, Overload[]> {
  const functions = new Map<string, Overload[]>();
  for (const { name, overloads } of libraries.flatMap((library) => library.functions)) {
    functions.set(name, [...(functions.get(name) ?? []), ...overloads]);
  }
  return functions;
}

const named = (types: readonly CelType[]) => new Map(types.map((type) => [type.name, type]));

/** What an expression can name: variables, types and functions; and the macros of its libraries. */

import type { CelEnvironment } from '../contract.ts';
import type { Macro } from '../syntax/macros.ts';
import type { CelType } from '../types/type.ts';
import type { FunctionDeclaration, Overload } from './function.ts';

export interface Library {
  readonly functions: readonly FunctionDeclaration[];
  readonly macros?: readonly Macro[];
  /** Types that an expression may name, as in `type(x) == net.IP`. */
  readonly types?: readonly CelType[];
}

export class Environment implements CelEnvironment {
  readonly variables: ReadonlyMap<string, CelType>;
  readonly types: ReadonlyMap<string, CelType>;
  readonly macros: readonly Macro[];
  readonly #functions: ReadonlyMap<string, readonly Overload[]>;

  private constructor(
    variables: ReadonlyMap<string, CelType>,
    types: ReadonlyMap<string, CelType>,
    macros: readonly Macro[],
    functions: ReadonlyMap<string, readonly Overload[]>,
  ) {
    this.variables = variables;
    this.types = types;
    this.macros = macros;
    this.#functions = functions;
  }

  static of(...libraries: readonly Library[]): Environment {
    const functions = new Map<string, Overload[]>();
    for (const { name, overloads } of libraries.flatMap((library) => library.functions)) {
      functions.set(name, [...(functions.get(name) ?? []), ...overloads]);
    }
    const types = libraries
      .flatMap((library) => library.types ?? [])
      .map((type) => [type.name, type] as const);
    const macros = libraries.flatMap((library) => library.macros ?? []);
    return new Environment(new Map(), new Map(types), macros, functions);
  }

  /** The same with these variables and types too. */
  with(variables: Readonly<Record<string, CelType>>, types: readonly CelType[] = []): Environment {
    return new Environment(
      new Map([...this.variables, ...Object.entries(variables)]),
      new Map([...this.types, ...types.map((type) => [type.name, type] as const)]),
      this.macros,
      this.#functions,
    );
  }

  overloads(name: string): readonly Overload[] | undefined {
    return this.#functions.get(name.startsWith('.') ? name.slice(1) : name);
  }
}

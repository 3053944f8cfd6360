/**
 * The `variables` of a policy: expressions over the variables of the environment and the variables before them. Each
 * is evaluated when it is first read, once per evaluation.
 */

import { compile, isProgram } from './compile.ts';
import { type CelCompilation, type CelProgram, costLimits } from './contract.ts';
import type { Environment } from './declarations/environment.ts';
import { type CelField, type CelType, dynType, objectType } from './types/type.ts';
import { MapValue } from './values/map.ts';
import { ErrorValue, noSuchOverload, type Value } from './values/value.ts';

type Bindings = Readonly<Record<string, unknown>>;

export class Composition {
  /** The environment with `variables`, whose fields are the variables declared so far. */
  readonly environment: Environment;
  readonly #fields = new Map<string, CelField>();
  readonly #variables = new Map<string, CelProgram | ErrorValue>();
  readonly #type: CelType;

  constructor(base: Environment) {
    this.#type = objectType('kubernetes.variables', this.#fields);
    this.environment = this.within(base);
  }

  /** Another environment, with the same `variables`. */
  within(base: Environment): Environment {
    return base.with({ variables: this.#type }, [this.#type]);
  }

  /** Adds a variable, even if it does not compile: expressions that read it fail then. */
  declare(name: string, expression: string): CelCompilation {
    const compilation = compile(expression, this.environment);
    if (isProgram(compilation)) {
      this.#fields.set(name, { jsonName: name, type: compilation.outputType });
      this.#variables.set(name, compilation);
    } else {
      this.#fields.set(name, { jsonName: name, type: dynType });
      const problem = `composited variable "${name}" fails to compile: compilation failed: ${compilation.text}`;
      this.#variables.set(name, new ErrorValue(problem));
    }
    return compilation;
  }

  /** The value of `variables` in an evaluation with these bindings. */
  begin(bindings: Bindings): ComposedVariables {
    return new ComposedVariables(this.#type, this.#variables, bindings);
  }
}

export class ComposedVariables extends MapValue {
  override readonly type: CelType;
  readonly #variables: ReadonlyMap<string, CelProgram | ErrorValue>;
  readonly #bindings: Bindings;
  readonly #known = new Map<string, Value>();
  #cost = 0;

  constructor(type: CelType, variables: ReadonlyMap<string, CelProgram | ErrorValue>, bindings: Bindings) {
    super();
    this.type = type;
    this.#variables = variables;
    this.#bindings = { ...bindings, variables: this };
  }

  get size(): number {
    return this.#variables.size;
  }

  find(key: Value): Value | undefined {
    if (typeof key !== 'string') return noSuchOverload;
    const variable = this.#variables.get(key);
    if (variable === undefined) return undefined;
    let value = this.#known.get(key);
    if (value === undefined) {
      value = variable instanceof ErrorValue ? variable : this.#evaluate(key, variable);
      this.#known.set(key, value);
    }
    return value;
  }

  keys(): Value[] {
    return [...this.#variables.keys()];
  }

  /** The cost of variables since the last call; it is charged to the expression that read them. */
  takeCost(): number {
    const cost = this.#cost;
    this.#cost = 0;
    return cost;
  }

  #evaluate(name: string, program: CelProgram): Value {
    const result = program.evaluate(this.#bindings, costLimits.call);
    this.#cost += result.cost;
    if (result.ok) return result.value as Value;
    return new ErrorValue(`composited variable "${name}" fails to evaluate: ${result.error}`);
  }
}

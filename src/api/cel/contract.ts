/**
 * The interface of CEL for the rest of the server: an expression is compiled against an environment of typed variables,
 * its cost is estimated, and it is evaluated over plain JSON values within a cost budget. Error messages and costs are
 * those of cel-go as Kubernetes 1.36 configures it.
 */
import type { CelType } from './types/type.ts';

/** The variables, types and functions of an expression; every environment has the libraries of Kubernetes 1.36. */
export interface CelEnvironment {
  /** The variables by name. A value is given to `evaluate` under the same name, as plain JSON. */
  readonly variables: ReadonlyMap<string, CelType>;
}

/** An error of the parser or the checker. */
export interface CelIssue {
  /** From 1. */
  readonly line: number;
  /** From 0, in characters; `text` prints it from 1. */
  readonly column: number;
  readonly message: string;
}

export interface CelIssues {
  readonly issues: readonly CelIssue[];
  /** All errors as upstream prints them: `ERROR: <input>:1:5: …`, each with its line and a mark below. */
  readonly text: string;
}

/** An inclusive range of cost. Costs above 2⁵³ are rounded, unbounded costs are 2⁶⁴ (`costMax`). */
export interface CelCost {
  readonly min: number;
  readonly max: number;
}

export const costMax = 2 ** 64;

/** Upstream's limits, in units of cost. */
export const costLimits = {
  /** One evaluation of one expression. */
  call: 1_000_000,
  /** All rules of one custom resource, or of one binding of a policy. */
  object: 10_000_000,
  /** All match conditions of one webhook or policy. */
  matchConditions: 2_500_000,
} as const;

export type CelResult =
  | { readonly ok: true; readonly value: CelValue; readonly cost: number }
  | { readonly ok: false; readonly error: string; readonly cost: number; readonly isOverLimit: boolean };

/** A value of an expression; `nativeValue` converts it to JSON. */
export type CelValue = unknown;

export interface CelProgram {
  readonly expression: string;
  readonly outputType: CelType;
  /** The names of the variables that the expression reads, for example `oldSelf`. */
  readonly variablesRead: ReadonlySet<string>;
  /**
   * The value under `bindings`, plain JSON by name of variable. A variable of optional type that is `undefined` is
   * `optional.none()`. Stops with `operation cancelled: actual cost limit exceeded` above `costLimit`.
   */
  evaluate(bindings: Readonly<Record<string, unknown>>, costLimit?: number): CelResult;
  /** The static cost, by the size bounds in the types of the variables. */
  estimateCost(): CelCost;
}

export type CelCompilation = CelProgram | CelIssues;

/**
 * What `declareType` reads of an OpenAPI schema: an adapter of structural schemas or of the compact schema gives it.
 * `properties` and the others may be computed when they are read: they are read once and as late as possible.
 */
export interface CelSchema {
  readonly type?: string;
  readonly format?: string;
  readonly items?: CelSchema;
  readonly properties?: ReadonlyMap<string, CelSchema>;
  readonly additionalProperties?: CelSchema;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly hasDefault?: boolean;
  readonly maxItems?: number;
  readonly maxLength?: number;
  readonly maxProperties?: number;
  readonly isIntOrString?: boolean;
  readonly isEmbeddedResource?: boolean;
  readonly isNullable?: boolean;
  /** `x-kubernetes-list-type`. */
  readonly listType?: 'atomic' | 'set' | 'map';
  /** `x-kubernetes-list-map-keys`. */
  readonly listMapKeys?: readonly string[];
}

/*
 * Functions, each in the file with its name:
 *   environments/rule.ts        ruleEnvironment(type, { hasOptionalOldSelf }): CelEnvironment   `self`, `oldSelf`
 *   schema/declare-type.ts      declareType(schema, isResourceRoot): CelType | undefined       undefined: not exposed
 *   compile.ts                  compile(expression, environment): CelCompilation
 *   schema/escape.ts            escapeFieldName(name): string | undefined                       `__dot__`, `__dash__`, …
 */

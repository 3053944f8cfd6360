/** One requirement of a label selector, and the error for an invalid selector. */

export type SelectorOperator = '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt';

export interface Requirement {
  readonly key: string;
  readonly operator: SelectorOperator;
  readonly values: readonly string[];
}

/** The client's error: a 400. */
export class SelectorError extends Error {
  override name = 'SelectorError';
}

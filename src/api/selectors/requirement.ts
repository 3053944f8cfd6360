/** One condition of a label selector, and how a bad selector is reported. */

export type SelectorOperator = '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt';

export interface Requirement {
  readonly key: string;
  readonly operator: SelectorOperator;
  readonly values: readonly string[];
}

/** The caller's mistake: becomes a 400. */
export class SelectorError extends Error {
  override name = 'SelectorError';
}

/**
 * Runs steps one after the other, without a promise as long as no step returns one: most requests run all of
 * theirs synchronously.
 */

/** Returns a promise if a step returns one. An error of a step ends the run. */
export function inOrder<T>(
  steps: readonly T[],
  run: (step: T) => Promise<void> | void,
  from = 0,
): Promise<void> | undefined {
  for (let i = from; i < steps.length; i++) {
    const running = run(steps[i]!);
    if (running) return running.then(() => inOrder(steps, run, i + 1));
  }
  return undefined;
}

/** Steps one after the other, without a promise as long as no step needs one: most requests pass all of theirs at once. */

/** Returns a promise from the first step on that gives one. What a step throws ends it there. */
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

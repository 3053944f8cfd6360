/** Which of the values of a list have stood in it before: found in linear time, as a list may be very long. */
export function repeats(values: readonly unknown[]): boolean[] {
  const seen = new Set<unknown>();
  return values.map((value) => {
    const isRepeated = seen.has(value);
    seen.add(value);
    return isRepeated;
  });
}

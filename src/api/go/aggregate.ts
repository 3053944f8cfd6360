/** Several errors in one text, as apimachinery's `errors.Aggregate` prints them: each once, more than one in brackets. */
export function aggregateText(errors: readonly string[]): string {
  const distinct = [...new Set(errors)];
  return distinct.length === 1 ? distinct[0]! : `[${distinct.join(', ')}]`;
}

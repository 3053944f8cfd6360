/** What went wrong, in the words of whoever raised it. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

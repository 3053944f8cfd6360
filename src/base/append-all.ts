/**
 * Appends lists to a list element by element: `push(...list)` would put all elements on the stack, which
 * overflows at some hundred thousand.
 */

export function appendAll<T>(list: T[], ...lists: readonly (readonly T[])[]): void {
  for (const more of lists) for (const item of more) list.push(item);
}

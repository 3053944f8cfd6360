/** Adds many to a list one by one: `push(...many)` puts them on the stack, which holds some hundred thousand. */

export function appendAll<T>(list: T[], ...lists: readonly (readonly T[])[]): void {
  for (const more of lists) for (const one of more) list.push(one);
}

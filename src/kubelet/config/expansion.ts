/**
 * Replaces `$(NAME)` by the variable's value; unknown names stay as written, `$$` is one `$`. A name goes to
 * the first closing bracket, whatever else is in it: nothing nests.
 */

export function expand(text: string, lookUp: (name: string) => string | undefined): string {
  // Behind the last bracket no name ends: there the search for its end would start again at each `$(`.
  const end = text.lastIndexOf(')') + 1;
  const head = text.slice(0, end).replace(/\$(\$|\(([^)]*)\))/g, (whole, sign: string, name?: string) => {
    if (sign === '$') return '$';
    return lookUp(name ?? '') ?? whole;
  });
  return head + text.slice(end).replaceAll('$$', () => '$');
}

/**
 * Replaces `$(NAME)` by the variable's value; unknown names stay as written, `$$` is one `$`. A name goes to the first closing
 * bracket, whatever else is in it: nothing nests.
 */

export function expand(text: string, lookUp: (name: string) => string | undefined): string {
  return text.replace(/\$(\$|\(([^)]*)\))/g, (whole, sign: string, name: string | undefined) => {
    if (sign === '$') return '$';
    return lookUp(name ?? '') ?? whole;
  });
}

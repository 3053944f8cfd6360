/** Names of headers and cookies that can be written everywhere: letters, digits and `-_.`. */

export function isToken(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_.-]{0,255}$/.test(name);
}

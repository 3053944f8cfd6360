/**
 * The same text in one piece of memory. V8 keeps concatenated strings as a tree, and one such string anywhere
 * in an object keeps JSON.stringify from its fast path: 15 µs measured for a pod of 3 kB whose uid and time
 * were concatenated, 2 µs otherwise.
 */

export function flatText(text: string): string {
  return [text.slice(0, 1), text.slice(1)].join('');
}

/**
 * The same text in one piece of memory. Text that was put together from parts is kept as its parts, and one such string
 * anywhere in an object keeps JSON.stringify from its fast way: 15 µs measured for a pod of 3 kB whose uid and time were such
 * strings, 2 µs for one without.
 */

export function flatText(text: string): string {
  return [text.slice(0, 1), text.slice(1)].join('');
}

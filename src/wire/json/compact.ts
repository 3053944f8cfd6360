/** JSON on a single line, as Go writes what it was given as JSON: without the space between its parts. */

const textOrSpace = /"[^"\\]*(?:\\.[^"\\]*)*"|[ \t\n\r]+/gs;

/** Only for valid JSON: in another text the search for the end of a string would take square time. */
export function compactJson(json: string): string {
  return json.replace(textOrSpace, (found) => (found.startsWith('"') ? found : ''));
}

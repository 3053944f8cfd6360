/**
 * Environment variables in a file that another container of the pod wrote (KEP-3721): `NAME='value'`, one
 * after the other, where a value may have several lines, and nothing in it is expanded.
 */

/**
 * The first value of that name; undefined when there is none. Throws for a file of another form, with
 * upstream's words.
 */
export function valueInEnvFile(text: string, name: string): string | undefined {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!.replace(/^[ \t]+/, '');
    if (line === '' || line.startsWith('#')) continue;
    const begun = beginningOf(line, at + 1);
    // As in a shell, nothing is assigned before a blank.
    const { value, end } = /^[ \t]/.test(begun.rest) ? { value: '', end: at } : quoted(lines, at, begun.rest);
    if (begun.name === name) return value;
    at = end;
  }
  return undefined;
}

function beginningOf(line: string, lineNumber: number): { name: string; rest: string } {
  const bad = (why: string) => new Error(`invalid environment variable format at line ${lineNumber}: ${why}`);
  const equals = line.indexOf('=');
  if (equals < 0) throw bad("missing '='");
  const name = line.slice(0, equals);
  if (name.trim() === '') throw bad('empty variable name');
  if (/[ \t]$/.test(name)) throw bad("whitespace before '=' is not allowed");
  const rest = line.slice(equals + 1);
  if (!/^[ \t']/.test(rest)) throw bad('value must be enclosed in single quotes');
  return { name, rest };
}

/** From the opening quote to the closing one, on this line or a later one. */
function quoted(lines: readonly string[], from: number, rest: string): { value: string; end: number } {
  let text = rest.slice(1);
  const value: string[] = [];
  for (let at = from; ; text = lines[at]!) {
    const close = text.indexOf("'");
    if (close >= 0) {
      const after = text.slice(close + 1).replace(/^[ \t]+/, '');
      if (after !== '' && !after.startsWith('#')) {
        throw new Error(
          `invalid environment variable format at line ${at + 1}: unexpected content after closing quote`,
        );
      }
      return { value: [...value, text.slice(0, close)].join('\n'), end: at };
    }
    value.push(text);
    at++;
    if (at >= lines.length) {
      throw new Error(
        `invalid environment variable format starting at line ${from + 1}: unclosed single quote`,
      );
    }
  }
}

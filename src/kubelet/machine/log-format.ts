/**
 * Lines of container logs as the runtime writes them: `TIME STREAM TAG MESSAGE`. A line is text with one
 * character for each byte (latin1), so that a program's output stays as written, UTF-8 or not, and lengths
 * are lengths in bytes.
 */

export interface LogLine {
  readonly time: string;
  readonly stream: 'stdout' | 'stderr';
  /** False when the message goes on in the next line. */
  readonly full: boolean;
  readonly message: string;
}

const timePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;
const nanosDigits = 9;

/** Undefined for what the runtime would not have written: it is passed over, as upstream does. */
export function parseLogLine(line: string): LogLine | undefined {
  const first = line.indexOf(' ');
  const second = line.indexOf(' ', first + 1);
  const third = line.indexOf(' ', second + 1);
  if (first < 0 || second < 0 || third < 0) return undefined;
  const time = line.slice(0, first);
  const stream = line.slice(first + 1, second);
  if (!timePattern.test(time) || (stream !== 'stdout' && stream !== 'stderr')) return undefined;
  // Further tags may follow the first one after a colon.
  const full = line[second + 1] !== 'P' || (third !== second + 2 && line[second + 2] !== ':');
  return { time, stream, full, message: line.slice(third + 1) };
}

/** The message with its line end; a partial line has none. */
export function messageOf(line: string): string {
  const parsed = parseLogLine(line);
  if (!parsed) return '';
  return parsed.full ? `${parsed.message}\n` : parsed.message;
}

/** The runtime leaves zeros at the end out; a printed time always has nine digits. */
export function printedTime(time: string): string {
  const [, seconds = '', digits = '', zone = ''] = /^([^.]{19})(?:\.(\d+))?(.*)$/s.exec(time) ?? [];
  return `${seconds}.${digits.slice(0, nanosDigits).padEnd(nanosDigits, '0')}${zone}`;
}

/** Lines of container logs as the runtime writes them: `TIME STREAM TAG MESSAGE`. */

export interface LogLine {
  readonly time: string;
  readonly stream: 'stdout' | 'stderr';
  /** False when the message goes on in the next line. */
  readonly full: boolean;
  readonly message: string;
}

export function parseLogLine(line: string): LogLine | undefined {
  const first = line.indexOf(' ');
  const second = line.indexOf(' ', first + 1);
  const third = line.indexOf(' ', second + 1);
  if (first < 0 || second < 0 || third < 0) return undefined;
  return {
    time: line.slice(0, first),
    stream: line.slice(first + 1, second) === 'stderr' ? 'stderr' : 'stdout',
    full: !line.slice(second + 1, third).startsWith('P'),
    message: line.slice(third + 1),
  };
}

/** The message with its line end; a partial line has none. */
export function messageOf(line: string): string {
  const parsed = parseLogLine(line);
  if (!parsed) return '';
  return parsed.full ? `${parsed.message}\n` : parsed.message;
}

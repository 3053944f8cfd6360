/**
 * Estimates the size of a compiled RE2 expression: an instruction for each character, and the instructions of a
 * counted part as often as it may be repeated. The size decides the cost of compiling, and of matching a character.
 */

interface Group {
  size: number;
  /** Size of the last part, which a count would repeat. */
  last: number;
}

export function compiledSize(pattern: string): number {
  const open: Group[] = [];
  let group: Group = { size: 0, last: 0 };
  const put = (size: number) => {
    group.size += size;
    group.last = size;
  };
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at]!;
    if (character === '\\') {
      at++;
      put(1);
    } else if (character === '(') {
      open.push(group);
      group = { size: 1, last: 0 };
    } else if (character === ')') {
      const { size } = group;
      group = open.pop() ?? { size: 0, last: 0 };
      put(size);
    } else if (character === '{') {
      const { times, length } = countAt(pattern, at);
      group.size += group.last * (times - 1);
      group.last *= times;
      at += length - 1;
    } else put(1);
  }
  return open.reduce((sum, { size }) => sum + size, group.size);
}

const count = /\{(\d{1,4})(?:,(\d{0,4}))?\}/y;

/** A brace that begins no count is one character. */
function countAt(pattern: string, at: number): { times: number; length: number } {
  count.lastIndex = at;
  const [text, least, most] = count.exec(pattern) ?? ['{'];
  return { times: Math.max(1, Number(least ?? 1), Number(most || 0)), length: text.length };
}

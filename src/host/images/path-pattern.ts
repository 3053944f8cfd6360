/**
 * Patterns of paths, as Go's filepath.Match has them, with `**` for any number of folders. Matching takes at most a time
 * in proportion to the length of the pattern times that of the path: all ways to match are followed at once.
 */

export type PathPattern = (path: string) => boolean;

/** A place in the pattern. */
interface Place {
  /** The next places that need no character. */
  readonly skips: readonly number[];
  /** The next places behind this character. */
  after(character: string): readonly number[];
}

const pieceText = /\*\*\/|\*\*|\*|\?|\[\^?(?:\\.|[^\]\\])+\]|\\.|[\s\S]/gu;

/** Throws for a pattern that cannot be read. */
export function pathPattern(pattern: string): PathPattern {
  const places: Place[] = [];
  for (const text of pattern.match(pieceText) ?? []) places.push(...placesOf(text, places.length));
  return (path) => matches(places, path);
}

function matches(places: readonly Place[], path: string): boolean {
  let reached = withSkips(places, [0]);
  for (const character of path) {
    reached = withSkips(
      places,
      [...reached].flatMap((at) => places[at]?.after(character) ?? []),
    );
    if (reached.size === 0) return false;
  }
  return reached.has(places.length);
}

function withSkips(places: readonly Place[], from: readonly number[]): ReadonlySet<number> {
  const reached = new Set(from);
  // A set that grows is gone through to its end.
  for (const at of reached) for (const next of places[at]?.skips ?? []) reached.add(next);
  return reached;
}

/** `at`: the number of the first of them. */
function placesOf(text: string, at: number): Place[] {
  switch (text) {
    // No folder at all, or any characters up to a slash.
    case '**/':
      return [
        { skips: [at + 1, at + 2], after: () => [] },
        { skips: [], after: (character) => (character === '/' ? [at + 1, at + 2] : [at + 1]) },
      ];
    case '**':
      return [{ skips: [at + 1], after: () => [at] }];
    case '*':
      return [{ skips: [at + 1], after: (character) => (character === '/' ? [] : [at]) }];
    default: {
      const fits = characterTest(text);
      return [{ skips: [], after: (character) => (fits(character) ? [at + 1] : []) }];
    }
  }
}

function characterTest(text: string): (character: string) => boolean {
  if (text === '?') return (character) => character !== '/';
  if (text === '[') throw new Error('it has no end');
  if (!text.startsWith('[')) {
    const wanted = text.startsWith('\\') && text.length > 1 ? text.slice(1) : text;
    return (character) => character === wanted;
  }
  const fitting = new RegExp(`^${text}$`, 'su');
  return (character) => character !== '/' && fitting.test(character);
}

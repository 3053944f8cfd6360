/**
 * The warnings of one answer: each once, and no more of them than a header can carry, cut as upstream cuts
 * them.
 */

/** Beyond this sum every text is cut, and what still comes after it is left out. */
const totalCharactersMax = 4 * 1024;
const cutCharacters = 256;

const none: readonly string[] = [];

export class Warnings {
  /** Absent as long as there is none: most answers have none. */
  #texts: Set<string> | undefined;
  #characters = 0;
  #isCutting = false;

  add(text: string): void {
    if (
      text === '' ||
      (this.#isCutting && this.#characters >= totalCharactersMax) ||
      this.#texts?.has(text)
    ) {
      return;
    }
    this.#texts ??= new Set();
    this.#texts.add(text);
    this.#characters += charactersOf(this.#isCutting ? cut(text) : text);
    if (this.#isCutting || this.#characters <= totalCharactersMax) return;
    this.#isCutting = true;
    this.#characters = 0;
    for (const text of this.#texts) this.#characters += charactersOf(cut(text));
  }

  /** In the order they came. */
  list(): readonly string[] {
    if (!this.#texts) return none;
    const texts = [...this.#texts];
    return this.#isCutting ? texts.map(cut) : texts;
  }
}

function charactersOf(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

function cut(text: string): string {
  if (text.length <= cutCharacters) return text;
  // A character takes two UTF-16 units at most.
  return [...text.slice(0, 2 * cutCharacters)].slice(0, cutCharacters).join('');
}

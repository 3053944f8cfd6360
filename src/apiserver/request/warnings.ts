/** The warnings of one answer: each once, and no more of them than a header can carry, cut as upstream cuts them. */

/** Beyond this sum every text is cut, and what still comes after it is left out. */
const totalSignsMax = 4 * 1024;
const cutSigns = 256;

const none: readonly string[] = [];

export class Warnings {
  /** Absent as long as there is none: most answers have none. */
  #texts: Set<string> | undefined;
  #signs = 0;
  #isCutting = false;

  add(text: string): void {
    if (text === '' || (this.#isCutting && this.#signs >= totalSignsMax) || this.#texts?.has(text)) return;
    this.#texts ??= new Set();
    this.#texts.add(text);
    this.#signs += signsOf(this.#isCutting ? cut(text) : text);
    if (this.#isCutting || this.#signs <= totalSignsMax) return;
    this.#isCutting = true;
    this.#signs = 0;
    for (const one of this.#texts) this.#signs += signsOf(cut(one));
  }

  /** In the order they came. */
  list(): readonly string[] {
    if (!this.#texts) return none;
    const texts = [...this.#texts];
    return this.#isCutting ? texts.map(cut) : texts;
  }
}

function signsOf(text: string): number {
  let signs = 0;
  for (const _ of text) signs++;
  return signs;
}

function cut(text: string): string {
  if (text.length <= cutSigns) return text;
  // A sign takes two units at most.
  return [...text.slice(0, 2 * cutSigns)].slice(0, cutSigns).join('');
}

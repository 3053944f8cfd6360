/** Regular expressions in the syntax of RE2, matched in time linear in the text. */

import { RE2JS } from 're2js';
import { RecentMap } from '#base/collections/recent-map.ts';
import { errorText } from '#base/text/error-text.ts';
import { ErrorValue } from './value.ts';

/** Go's message ends with the unparsed text, even if it is empty. */
const goMessage = (message: string) =>
  message.replace(/(trailing backslash at end of expression)$/, '$1: ``');

const cachedMax = 500;
const cached = new RecentMap<string, Regex>(cachedMax);

export class Regex {
  readonly #compiled: RE2JS;

  private constructor(compiled: RE2JS) {
    this.#compiled = compiled;
  }

  /** The compiled pattern, or the error with Go's message. */
  static of(pattern: string): Regex | ErrorValue {
    const known = cached.get(pattern);
    if (known !== undefined) return known;
    try {
      const regex = new Regex(RE2JS.compile(pattern));
      cached.set(pattern, regex);
      return regex;
    } catch (error) {
      return new ErrorValue(goMessage(errorText(error)));
    }
  }

  /** Whether any part of the text matches. */
  matches(text: string): boolean {
    return this.#compiled.matcher(text).find();
  }

  /** The first match, or an empty text. */
  find(text: string): string {
    const matcher = this.#compiled.matcher(text);
    return matcher.find() ? (matcher.group() ?? '') : '';
  }

  /** The first `most` matches that do not overlap; all when it is negative. */
  findAll(text: string, most: number): string[] {
    const matcher = this.#compiled.matcher(text);
    const found: string[] = [];
    let end = -1;
    while (found.length !== most && matcher.find()) {
      // As in Go, an empty match right after another match does not count.
      if (matcher.start() === matcher.end() && matcher.start() === end) continue;
      found.push(matcher.group() ?? '');
      end = matcher.end();
    }
    return found;
  }
}

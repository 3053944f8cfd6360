/** A request's body as a value: JSON or YAML, by its content type. */

import { badRequest, requestEntityTooLarge, type StatusError } from '#api/meta/status.ts';
import { DecodeError } from '#api/schema/decode-error.ts';
import { asBuffer } from '#base/text/as-buffer.ts';
import { goJsonError } from '#wire/json/error.ts';
import { parseExactly, parseIntegersExactly } from '#wire/json/exact-integers.ts';
import { tooDeepAt } from '#wire/json/nesting.ts';
import { type OddText, oddNumbersIn } from '#wire/json/odd-numbers.ts';
import { exceededLimit, LimitExceeded } from '#wire/json/values-limit.ts';
import { wellFormed } from '#wire/json/well-formed.ts';
import { YamlError } from '#wire/yaml/error.ts';
import { readYaml } from '#wire/yaml/read.ts';
import type { Exchange } from '../../request/exchange.ts';
import type { MediaType } from '../../request/media-type.ts';

/**
 * The body cannot be parsed; the message says why, in the words of Go. Who reads it says what it should have
 * been.
 */
export class UnreadableBody extends Error {
  override name = 'UnreadableBody';
}

export interface ParsedBody {
  readonly value: unknown;
  /** What YAML's strict reader has to say, in the words of go-yaml. */
  readonly duplicates: readonly string[];
}

/** Throws `UnreadableBody`. */
export function parseBody(
  { request, largeYaml }: Exchange,
  media: 'json' | 'yaml',
  isTyped = false,
): ParsedBody {
  const body = request.body ?? new Uint8Array();
  if (media === 'json') return { value: parseJsonBody(body, isTyped), duplicates: [] };
  if (!largeYaml) return parsing(() => readYaml(body));
  if ('error' in largeYaml) throw new UnreadableBody(largeYaml.error);
  if ('tooMany' in largeYaml) throw hasTooMany(largeYaml.tooMany);
  return largeYaml;
}

/** How the numbers of a body were written, where the parsed value does not show it. */
export function oddNumbersOf(body: Uint8Array, media: MediaType): OddText | undefined {
  return media === 'json' ? oddNumbersIn(body) : undefined;
}

/**
 * A body may be long; its number of keys and values is bounded, because they determine what reading it costs.
 */
export function hasTooMany(parts: string): StatusError {
  return requestEntityTooLarge(`Request entity too large: the body has ${parts}`);
}

/**
 * With all digits of its integers. Numbers beyond all doubles are refused, or if a type will be asked for each number,
 * infinite. Throws `UnreadableBody`, or a 413 for what would take too long to read.
 */
export function parseJsonBody(body: Uint8Array, isTyped = false): unknown {
  const tooMany = exceededLimit(body);
  if (tooMany !== undefined) throw hasTooMany(tooMany);
  const deep = tooDeepAt(body);
  if (deep !== undefined) {
    throw new UnreadableBody(`invalid character ${quotedByte(body[deep]!)} exceeded max depth`);
  }
  try {
    const bytes = asBuffer(body);
    const text = bytes.toString('utf8');
    return wellFormed(isTyped ? parseIntegersExactly(text) : parseExactly(text), bytes);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // JSON.parse words its complaint for people who wrote JavaScript.
    throw new UnreadableBody(goJsonError(Buffer.from(body).toString('utf8')) ?? error.message);
  }
}

function quotedByte(byte: number): string {
  return `'${String.fromCharCode(byte)}'`;
}

/** Makes what parsers throw at bad input an `UnreadableBody`. */
export function parsing<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof YamlError || error instanceof DecodeError) throw new UnreadableBody(error.message);
    return refuseTooMany(error);
  }
}

/** What a schema makes of a body is within the limits too. */
export function withinLimits<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    return refuseTooMany(error);
  }
}

function refuseTooMany(error: unknown): never {
  throw error instanceof LimitExceeded ? hasTooMany(error.message) : error;
}

/** What cannot be parsed is the caller's mistake: 400, in the words of `say`. */
export function readable<T>(read: () => T, say: (why: string) => string = (why) => why): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof UnreadableBody) throw badRequest(say(error.message));
    throw error;
  }
}

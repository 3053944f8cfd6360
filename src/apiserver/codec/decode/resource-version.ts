/**
 * The `metadata.resourceVersion` of what a caller writes. Upstream reads it as a number: leading zeros mean
 * nothing, and what it says of a text that is no number has no code of its own. A creation passes such a text
 * over.
 */

import { parseUint, strconvError } from '#api/go/integers.ts';
import type { AnyObject } from '#api/meta/object.ts';
import { unknownError } from '#api/meta/status.ts';

/** Why `text` is no version, in the words of Go's parser. */
export function versionProblem(text: string): string | undefined {
  const version = parseUint(text, 64);
  return typeof version === 'bigint' ? undefined : strconvError('ParseUint', text, version);
}

/** For an object that is to replace the stored one. */
export function withReadVersion<T extends AnyObject>(object: T): T {
  const text = object.metadata?.resourceVersion;
  if (!text) return object;
  const problem = versionProblem(text);
  if (problem) throw unknownError(problem);
  object.metadata!.resourceVersion = String(BigInt(text));
  return object;
}

/** For an object that is to be created. */
export function withoutUnreadVersion(object: AnyObject): AnyObject {
  const text = object.metadata?.resourceVersion;
  if (text && (versionProblem(text) || BigInt(text) === 0n)) delete object.metadata!.resourceVersion;
  return object;
}

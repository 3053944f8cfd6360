/**
 * Tries several token authenticators in order until one knows the token. As upstream, the others are tried even
 * after an authenticator rejected it; the rejections are thrown if no authenticator knows the token.
 */

import { aggregateText } from '#api/go/aggregate.ts';
import { BadToken, type KnownToken, type TokenAuthenticator } from '../../contract/authentication.ts';

type Found = KnownToken | undefined;

export interface UnionOptions {
  /** No authenticator is tried after one that rejects the token. Default false. */
  readonly stopsAtError?: boolean;
}

export function tokenUnion(
  kinds: readonly TokenAuthenticator[],
  { stopsAtError = false }: UnionOptions = {},
): TokenAuthenticator {
  /** Without a promise as long as no authenticator returns one. */
  function ask(
    token: string,
    audiences: readonly string[],
    from: number,
    problems: string[],
  ): Found | Promise<Found> {
    for (let i = from; i < kinds.length; i++) {
      let found: Found | Promise<Found>;
      try {
        found = kinds[i]!.authenticate(token, audiences);
      } catch (error) {
        note(problems, error, stopsAtError);
        continue;
      }
      if (found instanceof Promise) {
        return found.then(
          (known) => known ?? ask(token, audiences, i + 1, problems),
          (error) => {
            note(problems, error, stopsAtError);
            return ask(token, audiences, i + 1, problems);
          },
        );
      }
      if (found) return found;
    }
    if (problems.length > 0) throw new BadToken(aggregateText(problems));
    return undefined;
  }
  return { name: 'tokens', authenticate: (token, audiences) => ask(token, audiences, 0, []) };
}

function note(problems: string[], error: unknown, isLast: boolean): void {
  if (!(error instanceof BadToken) || isLast) throw error;
  problems.push(error.message);
}

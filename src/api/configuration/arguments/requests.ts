/** The API server's arguments of how requests are taken: how many, for how long, and what browsers are to do. */

import { type Argument, durationMs, fraction, list, toggle, wholeNumber } from '../argument.ts';
import { pinnedPattern } from './origin-patterns.ts';

const count = { min: 0, max: 1_000_000_000 };

export const requestArguments = {
  'cors-allowed-origins': origins(
    'Origins of browser pages that may use the API: regular expressions that pin the start and the end of the host.',
  ),
  'delete-collection-workers': wholeNumber(
    'Deletions under way at once for one DELETE of a collection. Default 64.',
    {
      min: 1,
      max: 10_000,
    },
  ),
  'enable-priority-and-fairness': toggle(
    'Whether requests wait by priority and fairness. Else they are limited in number alone, read-only and mutating ones. Default true.',
  ),
  'goaway-chance': fraction(
    'The chance that an HTTP/2 connection ends with the requests under way on it, for its client to come to another server. Default 0.',
    { min: 0, max: 0.02 },
  ),
  'livez-grace-period': durationMs('How long /livez passes although the start has not finished. Default 0.'),
  'max-mutating-requests-inflight': wholeNumber(
    'Mutating requests under way at once; with priority and fairness, seats of all requests together with max-requests-inflight. Default 200; without it, 0 is no limit.',
    count,
  ),
  'max-requests-inflight': wholeNumber(
    'Read-only requests under way at once; with priority and fairness, seats of all requests together with max-mutating-requests-inflight. Default 400; without it, 0 is no limit.',
    count,
  ),
  'min-request-timeout': wholeNumber(
    'Seconds that a watch lasts at least, and up to twice as many, unless its client sets a time; 0 for ever. Default 1800.',
    count,
  ),
  'request-timeout': longerThanZero(
    'How long a request may take that is no watch and no stream. Default 1m.',
  ),
  'strict-transport-security-directives': directives(
    'The directives of the header Strict-Transport-Security: max-age=TIME, includeSubDomains, preload. Default: no such header.',
  ),
};

function longerThanZero(description: string): Argument<number> {
  const problem = (ms: number) => (ms > 0 ? undefined : { message: 'must be longer than 0' });
  return { ...durationMs(description), problem };
}

function directives(description: string): Argument<readonly string[]> {
  return {
    ...list(description),
    problem(given) {
      const wrong = given.find((directive) => !/^(includeSubDomains|preload|max-age=[^=]*)$/.test(directive));
      if (wrong === undefined) return undefined;
      const hint = 'the known ones: max-age=TIME, includeSubDomains, preload';
      return { message: `has the unknown directive ${JSON.stringify(wrong)}`, hint };
    },
  };
}

function origins(description: string): Argument<readonly string[]> {
  return {
    ...list(description),
    problem(given) {
      const wrong = given.map(pinnedPattern).find((why) => why !== undefined);
      return wrong === undefined
        ? undefined
        : { message: wrong, hint: 'for example ^https://example\\.com(:|$)' };
    },
  };
}

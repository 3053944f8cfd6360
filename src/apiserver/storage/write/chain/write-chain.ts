/**
 * The stages of every write, in order, whatever its verb or subresource. A stage changes the object in place or
 * throws.
 *
 *   objects       kind → size → defaults → size → managers → mutate → judge → version → identity → defaults
 *                 → prepare → size → allocate → validate ahead → validate → admit → drop empty → warn
 *   views         managers → mutate → identity → enter → version → defaults → prepare → size → allocate → validate → admit
 *                 → warn
 *   bookkeeping   kind → size → defaults → size → version → defaults → allocate
 *   all others    managers → mutate → validate → admit
 *
 * Decoding comes before; afterwards `try-write.ts` commits to the store. A write that finds another resource
 * version there begins again.
 */

import { inOrder } from '#base/in-order.ts';
import { refuseCertainlyTooLarge, refuseIfBodyIsLonger, refuseTooManyValues } from '../object-size.ts';
import type { Course, ObjectWrite, Write } from '../write.ts';
import { admit, mutate } from './admit.ts';
import { allocate } from './allocate.ts';
import { dropEmptyCollections } from './drop-empty.ts';
import { enterView } from './enter-view.ts';
import { judge } from './judge.ts';
import { manageAnswered, manageFields } from './manage-fields.ts';
import { prepare } from './prepare.ts';
import { setDefaults } from './set-defaults.ts';
import { takeIdentity } from './take-identity.ts';
import { takeKind } from './take-kind.ts';
import { takeVersion } from './take-version.ts';
import { validate, validateAhead, validateUnstored } from './validate.ts';
import { warnOfUnbuilt } from './warn-of-unbuilt.ts';

type Run<W extends Write> = (write: W) => Promise<void> | void;

interface Stage {
  readonly courses: readonly Course[];
  readonly run: Run<Write>;
}

const stages: readonly Stage[] = [
  ofObject(takeKind, 'object', 'bookkeeping'),
  ofObject(refuseIfBodyIsLonger, 'object', 'bookkeeping'),
  ofObject(setDefaults, 'object', 'bookkeeping'),
  ofObject(refuseCertainlyTooLarge, 'object', 'bookkeeping'),
  ofObject(manageFields, 'object', 'view'),
  { run: manageAnswered, courses: ['admission'] },
  { run: mutate, courses: ['object', 'view', 'admission'] },
  ofObject(judge, 'object'),
  ofObject(takeVersion, 'object', 'bookkeeping'),
  ofObject(takeIdentity, 'object', 'view'),
  ofObject(enterView, 'view'),
  ofObject(takeVersion, 'view'),
  ofObject(setDefaults, 'object', 'view', 'bookkeeping'),
  ofObject(prepare, 'object', 'view'),
  ofObject(refuseTooManyValues, 'object', 'view'),
  ofObject(allocate, 'object', 'view', 'bookkeeping'),
  ofObject(validateAhead, 'object'),
  ofObject(validate, 'object', 'view'),
  { run: validateUnstored, courses: ['admission'] },
  { run: admit, courses: ['object', 'view', 'admission'] },
  ofObject(dropEmptyCollections, 'object'),
  ofObject(warnOfUnbuilt, 'object', 'view'),
];

/** Of every course but `admission`, whose writes have no object in the store. */
function ofObject(run: Run<ObjectWrite>, ...courses: Exclude<Course, 'admission'>[]): Stage {
  return { run: run as Run<Write>, courses };
}

const chains: Readonly<Record<Course, readonly Run<Write>[]>> = {
  object: chainOf('object'),
  view: chainOf('view'),
  bookkeeping: chainOf('bookkeeping'),
  admission: chainOf('admission'),
};

function chainOf(course: Course): Run<Write>[] {
  return stages.filter(({ courses }) => courses.includes(course)).map(({ run }) => run);
}

export function passChain(write: Write): Promise<void> | undefined {
  return inOrder(chains[write.course], (run) => run(write));
}

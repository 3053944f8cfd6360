/** TokenReview and SelfSubjectReview: the identity of a caller; never stored. */

import { selfSubjectReviews, tokenReviews } from '../../generated/kinds.gen.ts';
import { defineKind } from '../../kind/define-kind.ts';

export const tokenReview = defineKind(tokenReviews);

export const selfSubjectReview = defineKind(selfSubjectReviews);

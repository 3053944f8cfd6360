/** TokenReview and SelfSubjectReview: who a caller is; answered, never stored. */

import { selfSubjectReviews, tokenReviews } from '../../generated/kinds.gen.ts';
import { defineKind } from '../../kind/define-kind.ts';

export const tokenReview = defineKind(tokenReviews);

export const selfSubjectReview = defineKind(selfSubjectReviews);

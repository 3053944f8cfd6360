/** The access reviews: whether a caller is authorized; never stored. */

import {
  localSubjectAccessReviews,
  selfSubjectAccessReviews,
  selfSubjectRulesReviews,
  subjectAccessReviews,
} from '../../generated/kinds.gen.ts';
import { defineKind } from '../../kind/define-kind.ts';

export const subjectAccessReview = defineKind(subjectAccessReviews);

export const localSubjectAccessReview = defineKind(localSubjectAccessReviews);

export const selfSubjectAccessReview = defineKind(selfSubjectAccessReviews);

export const selfSubjectRulesReview = defineKind(selfSubjectRulesReviews);

/** Scales scores to 0…100 by their maximum, as upstream's default normalization does. */

import { scoreMax } from '../framework.ts';

/** `reverse`: the smallest count becomes the best score. */
export function normalizeToMax(scores: Float64Array, reverse = false): void {
  let most = 0;
  for (const score of scores) most = Math.max(most, score);
  if (most === 0) {
    if (reverse) scores.fill(scoreMax);
    return;
  }
  for (let i = 0; i < scores.length; i++) {
    const score = Math.trunc((scoreMax * scores[i]!) / most);
    scores[i] = reverse ? scoreMax - score : score;
  }
}

/** When a certificate is renewed: after 70 to 90 % of its life, by chance, as upstream's certificate manager. */

import type { Random } from '#base/random.ts';
import type { Validity } from './certificate-file.ts';

export function rotationMs({ fromMs, untilMs }: Validity, random: Pick<Random, 'float'>): number {
  return fromMs + (untilMs - fromMs) * (0.7 + 0.2 * random.float());
}

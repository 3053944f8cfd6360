/** Which forms a resource can be answered in. */

import type { ServedResource } from '../../registry/served-resource.ts';
import type { Offer } from './negotiate.ts';

/** What decides on the forms. */
export interface Offered {
  readonly def: Pick<ServedResource['def'], 'verbs'>;
  readonly kind: Pick<ServedResource['kind'], 'isJsonOnly'>;
}

const offers = new WeakMap<Offered, Offer>();

/**
 * What can be read has tables; of what is only computed for who sends it, reviews and the like, there are
 * none.
 */
export function offerOf(served: Offered): Offer {
  let offer = offers.get(served);
  if (!offer) {
    offer = { protobuf: !served.kind.isJsonOnly, tables: served.def.verbs.includes('get') };
    offers.set(served, offer);
  }
  return offer;
}

/** ResourceSlice: devices of one driver, on one node or on several. */

import type { ResourceSlice } from '../../generated/types.gen.ts';
import type { Strategy } from '../shared/strategy.ts';

export const resourceSlice: Strategy<ResourceSlice> = {
  selectableFields(slice) {
    return { 'spec.nodeName': slice.spec?.nodeName ?? '', 'spec.driver': slice.spec?.driver ?? '' };
  },
  unsupportedFieldText: (field) =>
    `field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: ${field}`,
};

/** HorizontalPodAutoscaler of autoscaling/v1 over the stored v2. */

import { autoscalerV1From, autoscalerV2From } from '#api/autoscaling/versions.ts';
import type { Conversion } from './conversion.ts';

export const autoscalerV1: Conversion = {
  fromStored: autoscalerV1From,
  toStored: autoscalerV2From,
  storedField: (field) => field,
};

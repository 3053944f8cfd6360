/** PodTemplate: a template that stands alone. */

import type { Strategy } from '../strategy.ts';
import type { PodTemplate } from '../types.gen.ts';
import { setPodTemplateDefaults } from './pod-spec-defaults.ts';

export const podTemplate: Strategy<PodTemplate> = {
  hasGeneration: true,
  setDefaults(object) {
    setPodTemplateDefaults(object.template);
  },
};

/** PodTemplate: a template that stands alone. */

import { validatePodTemplate } from '../pod-validation/spec.ts';
import { templateWarnings } from '../pod-validation/warnings.ts';
import type { Strategy } from '../strategy.ts';
import type { PodTemplate } from '../types.gen.ts';
import { setPodTemplateDefaults } from './pod-spec-defaults.ts';

export const podTemplate: Strategy<PodTemplate> = {
  hasGeneration: true,
  specOf: ({ template }) => ({ template }),
  allowCreateOnUpdate: true,
  setDefaults(object) {
    setPodTemplateDefaults(object.template);
  },
  warnings: (object, old) => templateWarnings(object.template, 'template', object.metadata, old?.metadata),
  validate: ({ template }) => validatePodTemplate(template ?? {}, 'template'),
};

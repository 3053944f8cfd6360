/** PodTemplate: a template that stands alone. */

import type { PodTemplate } from '../../generated/types.gen.ts';
import type { Strategy } from '../shared/strategy.ts';
import { setPodTemplateDefaults } from './defaults/spec.ts';
import { validatePodTemplate } from './validation/spec.ts';
import { templateWarnings } from './validation/warnings/warnings.ts';

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

/** PodTemplate: a template as an object of its own. */

import { podTemplates } from '../../generated/kinds.gen.ts';
import { containerImages, containerNames, formatLabels, nameOf } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { column, nameColumn } from '../../kind/printer.ts';
import { dropDisabledFields } from './defaults/disabled-fields.ts';
import { setPodTemplateDefaults } from './defaults/spec.ts';
import { validatePodTemplate } from './validation/spec.ts';
import { templateWarnings } from './validation/warnings/warnings.ts';

export const podTemplate = defineKind(podTemplates, {
  hasGeneration: true,
  specOf: ({ template }) => ({ template }),
  setDefaults(object) {
    setPodTemplateDefaults(object.template);
  },
  dropDisabled: ({ template }) => dropDisabledFields(template?.spec),
  warnings: (object, old) => templateWarnings(object.template, 'template', object.metadata, old?.metadata),
  validate: ({ template }) => validatePodTemplate(template ?? {}, 'template'),
  printer: {
    columns: [nameColumn, column('Containers'), column('Images'), column('Pod Labels')],
    cells: (template) => [
      nameOf(template),
      containerNames(template.template?.spec?.containers),
      containerImages(template.template?.spec?.containers),
      formatLabels(template.template?.metadata?.labels),
    ],
  },
});

/** Unknown formats in the schemas of a definition: they are stored, with a warning to the client. */

import type { CustomResourceDefinition, JSONSchemaProps } from '../../generated/types.gen.ts';
import { isKnownFormat } from '../validate/formats.ts';
import { schemasBelow } from './structure.ts';

export function unknownFormats({ spec }: CustomResourceDefinition): string[] {
  return (spec?.versions ?? []).flatMap(({ schema }) =>
    schema?.openAPIV3Schema ? ofSchema(schema.openAPIV3Schema) : [],
  );
}

function ofSchema(schema: JSONSchemaProps): string[] {
  const { format = '', type = '' } = schema;
  const own = format === '' || isKnownFormat(format, type) ? [] : [format];
  return [...own, ...schemasBelow(schema).flatMap(ofSchema)];
}

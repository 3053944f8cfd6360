/** Unknown formats in the schemas of a definition: they are stored, with a warning to the client. */

import type { CustomResourceDefinition, JSONSchemaProps } from '../../generated/types.gen.ts';
import { isKnownFormat } from '../validate/formats.ts';
import { schemasBelow } from './structure.ts';

export function unknownFormats({ spec }: CustomResourceDefinition): string[] {
  const formats: string[] = [];
  for (const { schema } of spec?.versions ?? []) {
    if (schema?.openAPIV3Schema) ofSchema(schema.openAPIV3Schema, formats);
  }
  return formats;
}

/** Adds to `formats`. */
function ofSchema(schema: JSONSchemaProps, formats: string[]): void {
  const { format = '', type = '' } = schema;
  if (format !== '' && !isKnownFormat(format, type)) formats.push(format);
  for (const below of schemasBelow(schema)) ofSchema(below, formats);
}

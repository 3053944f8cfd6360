/**
 * Builds the committed schema from the reference facts: `npm run schema [-- FOLDER]`.
 *
 *   openapi-v2 + discovery + merge and field facts + protobuf numbers
 *     → src/api/schema/schema.gen.json   names, types, merge keys, required, enums, defaults, protobuf numbers
 *     → src/api/generated/types.gen.ts      one TypeScript interface per definition
 *     → src/api/generated/kinds.gen.ts      one ResourceType constant per served resource
 *
 * Only facts pass: no text written for people is read into the output.
 */

import { writeFileSync } from 'node:fs';
import { kindsSource } from './schema/kinds-source.ts';
import { readReference } from './schema/reference.ts';
import { servedResources } from './schema/resources.ts';
import { schemaText, schemaTypes } from './schema/types.ts';
import { typeNames, typesSource } from './schema/types-source.ts';

const folder = process.argv[2] ?? process.env['KYBERN_REFERENCE'] ?? '../shared/reference';
const target = new URL('../src/api/generated/', import.meta.url);

const reference = readReference(folder);
const resources = servedResources(reference);
const types = schemaTypes(reference);
const names = typeNames(types, resources);

writeFileSync(new URL('../schema/schema.gen.json', target), schemaText(resources, types));
writeFileSync(new URL('types.gen.ts', target), typesSource(types, names, resources));
writeFileSync(new URL('kinds.gen.ts', target), kindsSource(resources, names));
console.log(`${resources.length} resources, ${Object.keys(types).length} types`);

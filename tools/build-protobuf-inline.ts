/**
 * Writes `src/apiserver/decode/protobuf-inline.gen.json`: the fields that lie in a message of their own in protobuf but
 * directly in the object in JSON (Go's embedded structs).
 *
 *   sh tools/run tools/build-protobuf-inline.ts PATH/protobuf-fields.json.gz
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { loadSchema } from '#api/load-schema.ts';

type Messages = Record<string, Record<string, [number, string, string?]>>;

const source = process.argv[2];
if (!source) throw new Error('name the file protobuf-fields.json.gz');
const file = JSON.parse(gunzipSync(readFileSync(source)).toString());
const messages: Messages = file.messages ?? file;
const schema = loadSchema();
const inline: Record<string, Record<number, Record<string, number>>> = {};

for (const [name, fields] of Object.entries(messages)) {
  const typeName = `io.k8s.${name.replace(/^k8s\.io\./, '')}`;
  const json = jsonFields(typeName);
  if (!json) continue;
  for (const [field, [number, type]] of Object.entries(fields)) {
    if (json.has(field) || !messages[type]) continue;
    const inner = numbersOf(type, json);
    if (Object.keys(inner).length > 0) inline[typeName] = { ...inline[typeName], [number]: inner };
  }
}
const out = new URL('../src/apiserver/decode/protobuf-inline.gen.json', import.meta.url);
writeFileSync(out, `${JSON.stringify(inline)}\n`);
console.log(Object.keys(inline).join('\n'));

/** The names of the embedded message's fields that the JSON object has, with their numbers there. */
function numbersOf(type: string, json: ReadonlySet<string>): Record<string, number> {
  const entries = Object.entries(messages[type]!).filter(([name]) => json.has(name));
  return Object.fromEntries(entries.map(([name, [number]]) => [name, number]));
}

function jsonFields(typeName: string): ReadonlySet<string> | undefined {
  try {
    return new Set(schema.type(typeName).fields.keys());
  } catch {
    return undefined;
  }
}

/** Turns the facts about the container runtime interface into the compact description protobufjs loads. */

import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

type Field = [id: number, type: string, rule?: string];
interface Facts {
  enums: Record<string, Record<string, number>>;
  messages: Record<string, Record<string, Field>>;
  services: Record<string, Record<string, [string, string]>>;
  package: string;
}

const [source, target] = process.argv.slice(2);
if (!source || !target) throw new Error('usage: build-cri.ts cri-v1.json.gz OUT.json');
const facts = JSON.parse(gunzipSync(readFileSync(source)).toString()) as Facts;

const camelCase = (name: string) => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

function describe([id, type, rule]: Field): Record<string, unknown> {
  const map = /^map<(\w+),\s*([\w.]+)>$/.exec(type);
  if (map) return { keyType: map[1], type: map[2], id };
  return { ...(rule ? { rule } : {}), type, id };
}

const nested: Record<string, unknown> = {};
for (const [name, values] of Object.entries(facts.enums)) {
  // protobufjs takes the first value as the default, so zero has to lead.
  const sorted = Object.entries(values).sort((a, b) => a[1] - b[1]);
  nested[name] = { values: Object.fromEntries(sorted) };
}
for (const [name, fields] of Object.entries(facts.messages)) {
  const described = Object.entries(fields).map(([field, fact]) => [camelCase(field), describe(fact)]);
  nested[name] = { fields: Object.fromEntries(described) };
}
writeFileSync(
  target,
  `${JSON.stringify({ package: facts.package, services: facts.services, descriptor: { nested } })}\n`,
);
